"""Which parser reads the result of which type of task. A new type adds its module and a line."""

from collections.abc import Callable
from typing import Any

from webapp.results import execute, validate
from webapp.states import TaskType

PARSERS: dict[TaskType, Callable[[Any], Any]] = {
    TaskType.EXECUTE: execute.parse,
    TaskType.VALIDATE: validate.parse,
}

BRIEFS: dict[TaskType, Callable[[Any], Any]] = {
    TaskType.EXECUTE: execute.brief,
    TaskType.VALIDATE: bool,
}

WITHOUT_RUN: dict[TaskType, Callable[[str], Any]] = {
    TaskType.EXECUTE: execute.without_run,
    TaskType.VALIDATE: lambda reason: False,
}


def parse(type: TaskType, stored: Any) -> Any:
    """The result as programs get it. `stored` is what the database holds, read as JSON."""
    return PARSERS[TaskType(type)](stored)


def brief(type: TaskType, result: Any) -> Any:
    """The result cut to what a list may carry, in the same shape."""
    return BRIEFS[TaskType(type)](result)


def without_run(type: TaskType, reason: str) -> Any:
    """The result of a task that never delivered one: cancelled, lost, or its engine could not be started."""
    return WITHOUT_RUN[TaskType(type)](reason)

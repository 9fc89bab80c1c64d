"""The conditional UPDATE on a task's row, by which each change of state is won by one of those who try; and what it stores."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select, update

from webapp.extensions import DATABASE_AWAY, db
from webapp.results import registry as results
from webapp.states import CLAIMABLE, State
from webapp.tasks.models import Task, TaskResult, TaskSamples
from webapp.tasks.samples import Samples

log = logging.getLogger(__name__)

# How long to wait before the database is asked once more.
PAUSE_SECONDS = 1.0

Answer = TypeVar("Answer")


@contextmanager
def unless_away() -> Iterator[None]:
    """What a worker need not do while the database is away."""
    try:
        yield
    except DATABASE_AWAY as error:
        log.warning("the database is away: %s", type(error.orig).__name__)
        db.session.rollback()


def patiently(ask: Callable[[], Answer], give_up: Callable[[], bool] = lambda: False) -> Answer:
    """Ask until the database answers: what a worker knows must not be lost with a connection. Raises only once it may `give_up`."""
    while True:
        try:
            return ask()
        except DATABASE_AWAY as error:
            db.session.rollback()
            if give_up():
                raise
            log.warning("waiting for the database: %s", type(error.orig).__name__)
            sleep(PAUSE_SECONDS)


def change(where: list[ColumnElement[bool]], *, commit: bool = True, **values: Any) -> bool:
    """Whether a row matched, and now has the values."""
    changed = db.session.execute(
        update(Task).where(*where).values(**values).execution_options(synchronize_session=False)
    )
    if commit:
        db.session.commit()
    db.session.expire_all()
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def waiting(task_id: str) -> list[ColumnElement[bool]]:
    return [Task.id == task_id, Task.state.in_(CLAIMABLE)]


def running(task_id: str, attempt: int) -> list[ColumnElement[bool]]:
    """The fence: a worker that was declared lost no longer matches once a later attempt has begun or the task has ended."""
    return [Task.id == task_id, Task.state == State.STARTED, Task.attempt == attempt]


def is_free(task_id: str, attempt: int) -> bool:
    """Whether the attempt runs, and nobody is in the midst of changing its row, as a machine may be that is gone."""
    free = select(Task.id).where(*running(task_id, attempt)).with_for_update(skip_locked=True)
    return db.session.scalar(free) is not None


def store_result(task: Task, result: Any) -> None:
    brief = results.brief(task.type, result)
    db.session.merge(TaskResult(task_id=task.id, value=json.dumps(result), brief=json.dumps(brief)))


def store_samples(task_id: str, attempt: int, samples: Samples) -> None:
    row = TaskSamples(task_id=task_id, number=attempt, channels=samples.channels, points=samples.points)
    db.session.merge(row)

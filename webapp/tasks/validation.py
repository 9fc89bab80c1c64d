"""The recipe of a validate task: the static check, and with `deep` a look at the real tables."""

import logging
from typing import Any

from flask import current_app

from datax_job import document as documents
from datax_job.document import Document
from datax_job.problem import DocumentError, Problem, Severity
from engines import choice as choices
from engines.base import EngineError
from webapp.datasources import service as sources
from webapp.datasources.service import opened, within
from webapp.states import Outcome, State
from webapp.tasks import attempts, connected, deep, outcome, rows, sealed, submission
from webapp.tasks.attempts import Ending
from webapp.tasks.models import Task

log = logging.getLogger(__name__)


def run(task: Task) -> None:
    """Check the task's document; the answer is the result, the problems are kept on the task."""
    ending = _ending(task)
    rows.patiently(lambda: attempts.finish(task, ending))


def find(content: bytes, params: dict[str, submission.ParameterValue] | None, engine: str = "auto") -> list[Problem]:
    """Everything wrong with a document. `params=None` means that they are not known yet, so `${name}` is allowed."""
    return looked_at(content, params, engine)[1]


def looked_at(
    content: bytes, params: dict[str, submission.ParameterValue] | None, engine: str
) -> tuple[Document | None, list[Problem]]:
    """The same, with the document where it can be read."""
    try:
        document = documents.parse(content)
    except DocumentError as error:
        return None, error.problems
    engines, policy = current_app.extensions["offers"], current_app.extensions["policy"]
    return document, submission.problems_of(document, params, engine, engines, policy)


def choice(document: Document, params: dict[str, submission.ParameterValue] | None) -> choices.Choice:
    """The engine that `auto` takes for a document without faults."""
    filled = connected.filled(document, params or {}, sources.masked)
    return choices.choice(filled, current_app.extensions["offers"])


def faulty(problems: list[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def _ending(task: Task) -> Ending:
    try:
        with within(task.project_id):
            return _check(task)
    except EngineError as error:
        return _failed({"code": error.code, "message": str(error), "hint": str(error.hint) if error.hint else None})
    except Exception as error:  # as a run: it ends at once, and not when its worker counts as lost
        log.exception("task %s could not be checked", task.id)
        return _failed({"code": "worker-error", "message": outcome.unexpected(error), "hint": None})


def _check(task: Task) -> Ending:
    row = rows.patiently(lambda: sealed.opened(task.id))
    problems = rows.patiently(lambda: find(row.content, row.params, task.requested_engine))
    if task.deep and not faulty(problems):
        document = documents.parse(row.content)
        try:
            problems += deep.problems(task, document, connected.filled(document, row.params, opened))
        except deep.Stopped as stop:
            return _stopped(stop)
    found = [problem.as_dict() for problem in problems]
    valid = not faulty(problems)
    return Ending(State.SUCCESS, Outcome.VALID if valid else Outcome.INVALID, valid, problems=found)


def _stopped(stop: deep.Stopped) -> Ending:
    cancelled = stop.run.stopped is Outcome.CANCELLED
    state = State.REVOKED if cancelled else State.FAILURE
    return Ending(state, stop.run.stopped or Outcome.FAILED, False, outcome.stopped(stop.run))


def _failed(error: dict[str, Any]) -> Ending:
    return Ending(State.FAILURE, Outcome.FAILED, False, error)

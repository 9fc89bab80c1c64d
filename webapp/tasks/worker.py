"""The two Celery tasks. A message carries the id of a row; one sent straight through Celery carries the job, and gets its row here."""

import logging
from datetime import datetime
from typing import Any

from celery import Celery, Task
from celery.exceptions import Ignore, Reject
from flask import current_app

from engines.needs import Needs
from webapp.config import Settings
from webapp.errors import AppError
from webapp.extensions import DATABASE_AWAY
from webapp.sealing import messages
from webapp.sealing.keys import CannotOpen
from webapp.states import TASK_NAMES, State, TaskType
from webapp.tasks import attempts, queries, rows, runner, service, starts, submission, validation, wishes
from webapp.tasks.models import Task as Row
from webapp.tasks.stopping import stopping

log = logging.getLogger(__name__)


class NoResult(Exception):
    """Tells Celery that a task could not deliver a result; the message is the cause."""


def register(celery: Celery) -> tuple[Any, Any]:
    """Make `execute_datax_job` and `validate_datax_job` on a Celery app."""

    @celery.task(bind=True, name=TASK_NAMES[TaskType.EXECUTE])
    def execute_datax_job(self: Task, job: Any = None, **options: Any) -> Any:
        return _run(self, TaskType.EXECUTE, job, options)

    @celery.task(bind=True, name=TASK_NAMES[TaskType.VALIDATE])
    def validate_datax_job(self: Task, job: Any = None, **options: Any) -> Any:
        return _run(self, TaskType.VALIDATE, job, options)

    return execute_datax_job, validate_datax_job


def _run(message: Task, type: TaskType, job: Any, options: dict[str, Any]) -> Any:
    """1. make the row that a message straight from Celery lacks; 2. win it; 3. run; 4. tell Celery what the row says."""
    task_id, bids = message.request.id, set[datetime]()
    try:
        task = rows.patiently(lambda: _won(task_id, type, job, options, bids), give_up=stopping.asked.is_set)
    except DATABASE_AWAY as error:
        raise Reject(error, requeue=True) from error
    if task is not None:
        (runner.run if task.type == TaskType.EXECUTE else validation.run)(task)
        rows.patiently(lambda: starts.follow_up(task, current_app.config["SETTINGS"]))
    return rows.patiently(lambda: _tell(message, task_id))


def _won(task_id: str, type: TaskType, job: Any, options: dict[str, Any], bids: set[datetime]) -> Row | None:
    settings: Settings = current_app.config["SETTINGS"]
    if queries.find(task_id) is None:
        job, options = _opened(job, options)
        if job is None:
            log.warning("message for task %s, which the database does not know: dropped", task_id)
            raise Ignore
        wanted = submission.read({"type": type, "job": job, **options})
        service.submit(wanted, None, task_id=task_id, needs=_needs(wanted))
    if stopping.asked.is_set():
        rows.change(rows.waiting(task_id), published_at=None)  # the sweep sends it to another worker
        raise Ignore
    wishes.note(task_id, settings)
    return attempts.claim(task_id, settings.worker_name, settings, bids)


def _opened(job: Any, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    try:
        return messages.opened(current_app.extensions["keys"], job, options)
    except CannotOpen as error:
        raise NoResult(f"{error} {error.hint}") from None


def _needs(wanted: submission.Submission) -> Needs | None:
    """None for what will be refused: that takes no engine."""
    try:
        return submission.accept(wanted, current_app.extensions["offers"], current_app.extensions["policy"])
    except AppError:
        return None


def _tell(message: Task, task_id: str) -> Any:
    delivered = queries.delivered(task_id)
    if delivered is None or not delivered.ready:
        raise Ignore  # another worker runs it, or it waits for its next attempt
    if delivered.state is State.REVOKED:
        message.update_state(state="REVOKED", meta=None)
        raise Ignore
    if delivered.state is State.FAILURE:
        raise NoResult(queries.get(task_id).error)
    return delivered.parsed()

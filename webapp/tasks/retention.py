"""Deletes the rows of tasks that ended longer ago than the setting keeps them. Without the setting every result stays for ever."""

import logging
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, select

from webapp import clock
from webapp.config import Settings
from webapp.extensions import db
from webapp.states import FINAL
from webapp.tasks.models import Task, TaskAttempt, TaskDocument, TaskResult, TaskSamples

log = logging.getLogger(__name__)

BATCH = 200


def once(settings: Settings) -> int:
    """Delete one batch, oldest first, rows before logs: a row that is kept never lacks its result. Returns how many."""
    if settings.task_retention_days is None:
        return 0
    until = clock.now() - timedelta(days=settings.task_retention_days)
    # A task cannot have ended before it was made, so the index by creation leads to all that are old enough.
    old = select(Task.id).where(Task.created_at < until, Task.state.in_(FINAL), Task.finished_at < until)
    task_ids = list(db.session.scalars(old.order_by(Task.created_at).limit(BATCH)))
    if task_ids:
        _delete(task_ids)
    return len(task_ids)


def _delete(task_ids: list[str]) -> None:
    for table in (TaskResult, TaskDocument, TaskSamples, TaskAttempt):
        db.session.execute(delete(table).where(table.task_id.in_(task_ids)))
    db.session.execute(delete(Task).where(Task.id.in_(task_ids)))
    db.session.commit()
    for task_id in task_ids:
        try:
            current_app.extensions["logs"].delete(task_id)
        except OSError as error:
            log.warning("the log of the deleted task %s stays: %s", task_id, error)

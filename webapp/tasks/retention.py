"""Deletes the rows of tasks that ended longer ago than the setting keeps them. Without the setting every result stays for ever."""

import logging
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, select

from webapp import clock
from webapp.config import Settings
from webapp.extensions import db
from webapp.states import FINAL, State
from webapp.tasks.models import Task, TaskAttempt, TaskDocument, TaskResult, TaskSamples

log = logging.getLogger(__name__)

BATCH = 200


def once(settings: Settings) -> int:
    """Delete one batch, the oldest of a state first, rows before logs: a row that is kept never lacks its result. Returns how many."""
    if settings.task_retention_days is None:
        return 0
    until = clock.now() - timedelta(days=settings.task_retention_days)
    task_ids = [task_id for state in FINAL for task_id in _old(state, until)][:BATCH]
    if task_ids:
        _delete(task_ids)
    return len(task_ids)


def _old(state: State, until: datetime) -> list[str]:
    """A task cannot have ended before it was made, so the index by state and creation leads to all that are old enough."""
    old = select(Task.id).where(Task.state == state, Task.created_at < until, Task.finished_at < until)
    return list(db.session.scalars(old.order_by(Task.created_at, Task.id).limit(BATCH)))


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

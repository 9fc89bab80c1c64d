"""Telling the broker of a task. Only the id crosses the queue; a message that is lost is sent again by the sweep."""

import logging

from celery import Celery
from flask import current_app

from webapp import clock
from webapp.broker import AWAY, broker
from webapp.states import TASK_NAMES, TaskType
from webapp.tasks import rows
from webapp.tasks.models import Task

# A connection of the pool may have died with an earlier broker; a second try takes a fresh one.
RECONNECT_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
# A task's 9 goes first; Redis serves its lists from 0 up.
HIGHEST_PRIORITY = 9

log = logging.getLogger(__name__)


def publish(task: Task, queue: str | None = None) -> bool:
    """Send the task's message, unless somebody else does at this moment. False when the broker is away: the row waits for the sweep."""
    task_id = task.id
    before = Task.published_at.is_(None) if task.published_at is None else Task.published_at == task.published_at
    name, priority = TASK_NAMES[TaskType(task.type)], HIGHEST_PRIORITY - task.priority
    queue = queue or task.queue
    if not rows.change([*rows.waiting(task_id), before], published_at=clock.now(), waiting_for=None):
        return True
    try:
        _send(current_app.extensions["celery"], task_id, name, queue, priority)
    except AWAY as error:
        log.warning("the broker is away, so task %s waits in the database: %s", task_id, type(error).__name__)
        rows.change(rows.waiting(task_id), published_at=None)
        return False
    return True


def _send(celery: Celery, task_id: str, name: str, queue: str, priority: int) -> None:
    """`Celery.send_task` without its subscription to the result: results are read from the database, and it waits for the broker."""
    message = celery.amqp.create_task_message(task_id, name, (), {}, ignore_result=False)
    with broker().producer() as producer:
        celery.amqp.send_task_message(
            producer, name, message, queue=queue, priority=priority, retry=True, retry_policy=RECONNECT_ONCE
        )

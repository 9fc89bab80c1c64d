"""Telling the broker of a task. Only the id crosses the queue; a message that is lost is sent again by the sweep."""

import logging

from celery import Celery
from flask import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from sqlalchemy import update

from webapp import clock
from webapp.extensions import db
from webapp.states import TASK_NAMES, TaskType
from webapp.tasks.models import Task

# A connection of the pool may have died with an earlier broker; a second try takes a fresh one.
RECONNECT_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
# A task's 9 goes first; Redis serves its lists from 0 up.
HIGHEST_PRIORITY = 9

log = logging.getLogger(__name__)


def publish(task: Task) -> bool:
    """Send the task's message. False when the broker is away: the row waits, and the sweep sends it later."""
    task_id = task.id
    try:
        _send(current_app.extensions["celery"], TASK_NAMES[TaskType(task.type)], task)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("the broker is away, so task %s waits in the database: %s", task_id, type(error).__name__)
        return False
    db.session.execute(update(Task).where(Task.id == task_id).values(published_at=clock.now()))
    db.session.commit()
    return True


def _send(celery: Celery, name: str, task: Task) -> None:
    """`Celery.send_task` without its subscription to the result: results are read from the database, and it waits for the broker."""
    message = celery.amqp.create_task_message(task.id, name, (), {}, ignore_result=False)
    with celery.producer_or_acquire() as producer:
        celery.amqp.send_task_message(
            producer,
            name,
            message,
            queue=task.queue,
            priority=HIGHEST_PRIORITY - task.priority,
            retry=True,
            retry_policy=RECONNECT_ONCE,
        )

"""Telling the broker of a task. Only the id crosses the queue; a message that is lost is sent again by the sweep."""

import logging

from celery import Celery
from flask import current_app
from kombu.exceptions import OperationalError
from sqlalchemy import update

from webapp import clock
from webapp.extensions import db
from webapp.states import TASK_NAMES, TaskType
from webapp.tasks.models import Task

log = logging.getLogger(__name__)


def publish(task: Task) -> bool:
    """Send the task's message. False when the broker is away: the row waits, and the sweep sends it later."""
    task_id = task.id
    celery: Celery = current_app.extensions["celery"]
    try:
        celery.send_task(
            TASK_NAMES[TaskType(task.type)],
            task_id=task_id,
            queue=task.queue,
            priority=task.priority,
            retry=False,
            ignore_result=False,
        )
    except (OperationalError, OSError) as error:
        log.warning("the broker is away, so task %s waits in the database: %s", task_id, type(error).__name__)
        return False
    db.session.execute(update(Task).where(Task.id == task_id).values(published_at=clock.now()))
    db.session.commit()
    return True

"""What keeps tasks moving when messages or workers are lost. Any number of processes may run it at once."""

import logging
from datetime import timedelta
from threading import Event

from flask import Flask
from sqlalchemy import and_, or_, select
from sqlalchemy.exc import DBAPIError

from webapp import clock
from webapp.config import Settings
from webapp.extensions import db
from webapp.states import CLAIMABLE
from webapp.tasks import service
from webapp.tasks.models import Task
from webapp.tasks.publishing import publish

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
# A request publishes its own task right after the commit; the sweep leaves it that long to do so.
PATIENCE = timedelta(seconds=2)
# A message not followed by a start for so long may have been lost with the broker. Sent twice, the task still runs once.
REPUBLISH_AFTER = timedelta(seconds=60)
BATCH = 500


def forever(app: Flask, stop: Event) -> None:
    """Look once a second until told to stop. A database that is away is waited for."""
    settings: Settings = app.config["SETTINGS"]
    while not stop.wait(LOOK_SECONDS):
        with app.app_context():
            try:
                once(settings)
            except DBAPIError as error:
                log.warning("the database is away: %s", type(error.orig).__name__)


def once(settings: Settings) -> int:
    """Publish what waits, declare lost whom nobody hears. Returns how many messages were sent."""
    for task_id in service.declare_lost(timedelta(seconds=settings.lost_after)):
        log.warning("task %s lost its worker", task_id)
    sent = 0
    for task in _waiting():
        if not publish(task):
            break
        sent += 1
    return sent


def _waiting() -> list[Task]:
    now = clock.now()
    due = or_(Task.not_before.is_(None), Task.not_before <= now)
    unsent = and_(Task.published_at.is_(None), or_(Task.created_at < now - PATIENCE, Task.not_before.is_not(None)))
    unheard = Task.published_at < now - REPUBLISH_AFTER
    query = select(Task).where(Task.state.in_(CLAIMABLE), due, or_(unsent, unheard))
    return list(db.session.scalars(query.order_by(Task.created_at, Task.id).limit(BATCH)))

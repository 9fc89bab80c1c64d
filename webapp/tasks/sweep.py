"""What keeps tasks moving when messages or workers are lost. Any number of processes may run it at once."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from time import monotonic

from flask import Flask
from sqlalchemy import and_, or_, select
from sqlalchemy.exc import DBAPIError

from webapp import clock
from webapp.config import Settings
from webapp.extensions import db
from webapp.states import CLAIMABLE, State
from webapp.tasks import attempts, broker_queues, private, queries, retention, rows, service, starts
from webapp.tasks.models import Task
from webapp.tasks.publishing import publish

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
# A request publishes its own task right after the commit; the sweep leaves it that long to do so.
PATIENCE = timedelta(seconds=2)
# A message not followed by a start for so long may have been lost with the broker. Sent twice, the task still runs once.
REPUBLISH_AFTER = timedelta(seconds=10)
BATCH = 500
# No look takes so long.
SLEPT_SECONDS = 10.0
# So long before a task counts as lost the database must take writes, else its worker could not be heard.
PROOF_SECONDS = 3.0


class Sweep:
    """One process's looks. What it remembers between them are the heartbeats, by its own clock that nobody sets."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._heard: dict[tuple[str, int], tuple[object, float]] = {}
        self._looked = monotonic()

    def once(self) -> None:
        """End what is lost or came too late, delete what is too old, publish what waits."""
        for step in self.steps():
            step()

    def steps(self) -> list[Callable[[], object]]:
        """What is done at each look. None of it needs what another did."""
        settings = self._settings
        return [
            self._declare_lost,
            attempts.pull_forward,
            _expire,
            lambda: retention.once(settings),
            lambda: private.clean(settings),
            lambda: _publish(_unsent()),
            lambda: starts.release(settings),
            lambda: _publish(_lost_messages()),
        ]

    def _declare_lost(self) -> None:
        """A heartbeat that has not changed for the time set. Clocks of machines may differ and be set: they are not compared."""
        now = monotonic()
        if now - self._looked > max(self._settings.lost_after / 2, SLEPT_SECONDS):
            self._heard.clear()  # this process slept, and so may the workers have
        self._looked = now
        try:
            self._listen(now)
        except DBAPIError:
            self._heard.clear()  # where nobody can write no worker can be heard; each gets its time anew
            raise

    def _listen(self, now: float) -> None:
        self._heard = {key: self._since(key, beat, now) for key, beat in _running().items()}
        for (task_id, attempt), (_, since) in self._heard.items():
            if now - since < self._settings.lost_after - PROOF_SECONDS or not rows.is_free(task_id, attempt):
                continue
            if now - since >= self._settings.lost_after:
                self._lose(task_id, attempt, now - since)
            else:
                rows.change(rows.running(task_id, attempt), stalled_since=clock.now())

    def _since(self, key: tuple[str, int], beat: object, now: float) -> tuple[object, float]:
        known, since = self._heard.get(key, (None, now))
        return (beat, since if known == beat else now)

    def _lose(self, task_id: str, attempt: int, silent_for: float) -> None:
        task = queries.snapshot(task_id)
        if task.attempt == attempt and task.state == State.STARTED and attempts.declare_lost(task, silent_for):
            log.warning("task %s lost its worker %s", task_id, task.worker)


def forever(app: Flask, stop: Event) -> None:
    """Look once a second until told to stop. A database that is away is waited for."""
    steps = Sweep(app.config["SETTINGS"]).steps()
    while not stop.wait(LOOK_SECONDS):
        for step in steps:
            with app.app_context(), _told():
                step()


@contextmanager
def _told() -> Iterator[None]:
    """A step that fails must not keep the others from being done, nor end the process that all depends on."""
    try:
        yield
    except DBAPIError as error:
        log.warning("the database is away: %s", type(error.orig).__name__)
    except Exception:
        log.exception("a part of the look failed; it is done again at the next one")


def _running() -> dict[tuple[str, int], object]:
    query = select(Task.id, Task.attempt, Task.heartbeat_at).where(Task.state == State.STARTED)
    return {(row.id, row.attempt): row.heartbeat_at for row in db.session.execute(query)}


def _expire() -> None:
    query = select(Task.id).where(Task.state.in_(CLAIMABLE), Task.expires_at <= clock.now())
    for task_id in list(db.session.scalars(query.limit(BATCH))):
        service.expire(task_id)


def _publish(tasks: list[Task]) -> int:
    sent = 0
    for task in tasks:
        if not publish(task):
            break
        sent += 1
    return sent


def _unsent() -> list[Task]:
    """Those that no message tells of, the most urgent first. A creation in the future is one before the clock was set back."""
    now = clock.now()
    settled = or_(Task.created_at < now - PATIENCE, Task.created_at > now + PATIENCE, Task.not_before.is_not(None))
    due = or_(Task.not_before.is_(None), Task.not_before <= now)
    unsent = [Task.published_at.is_(None), Task.waiting_for.is_(None), settled, due]
    query = select(Task).where(Task.state.in_(CLAIMABLE), *unsent)
    return queries.detached(query.order_by(Task.priority.desc(), Task.created_at, Task.id).limit(BATCH))


def _lost_messages() -> list[Task]:
    """Those whose message is gone: a queue that holds fewer messages than tasks wait in it has lost some."""
    now = clock.now()
    sent_long_ago = or_(Task.published_at < now - REPUBLISH_AFTER, Task.published_at > now + REPUBLISH_AFTER)
    lost: list[Task] = []
    for queue, missing in broker_queues.missing():
        waits = and_(Task.state.in_(CLAIMABLE), Task.waiting_for.is_(None), Task.queue == queue, sent_long_ago)
        query = select(Task).where(waits).order_by(Task.published_at, Task.id)
        lost += queries.detached(query.limit(min(missing, BATCH)))
    return lost

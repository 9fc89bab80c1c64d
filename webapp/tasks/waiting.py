"""Where long polls wait: one look a process at the database serves all of them, so a hundred waiters cost what one does."""

import logging
from collections import Counter
from threading import Condition, Event, Thread

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from webapp.extensions import db
from webapp.states import FINAL
from webapp.tasks.models import Task

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.03
# Above so many different tasks the looks become rarer, so that waiting never takes more than a small part of a core.
LOOK_SECONDS_PER_TASK = 0.0005


class WaitingRoom:
    """Waits for tasks to become final. Threads of one process share it; nothing is held open while they wait."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._events: dict[str, Event] = {}
        self._waiters: Counter[str] = Counter()
        self._changed = Condition()
        self._thread: Thread | None = None

    def wait(self, task_id: str, seconds: float) -> bool:
        """True once the task is final, False when the seconds have passed before."""
        with self._changed:
            event = self._events.setdefault(task_id, Event())
            self._waiters[task_id] += 1
            self._ensure_thread()
            self._changed.notify()
        try:
            return event.wait(seconds)
        finally:
            self._leave(task_id)

    def _leave(self, task_id: str) -> None:
        with self._changed:
            self._waiters[task_id] -= 1
            if not self._waiters[task_id]:
                del self._waiters[task_id]
                self._events.pop(task_id, None)

    def _ensure_thread(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._watch, name="waiting-room", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        pause = Event()
        while True:
            with self._changed:
                while not self._events:
                    self._changed.wait()
                waited = dict(self._events)
            for task_id in self._final(list(waited)):
                waited[task_id].set()
            pause.wait(max(LOOK_SECONDS, LOOK_SECONDS_PER_TASK * len(waited)))

    def _final(self, task_ids: list[str]) -> list[str]:
        with self._app.app_context():
            try:
                query = select(Task.id).where(Task.id.in_(task_ids), Task.state.in_(FINAL))
                return list(db.session.scalars(query))
            except DBAPIError as error:
                log.warning("the database is away while %d requests wait: %s", len(task_ids), type(error.orig).__name__)
                return []

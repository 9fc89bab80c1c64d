"""A worker's thread that says every few seconds that it is here, and what it can do."""

import logging
import os
import socket
import uuid
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

from celery import signals
from flask import Flask
from sqlalchemy.exc import DBAPIError

from webapp import clock
from webapp.config import Settings
from webapp.extensions import db
from webapp.workers import memory, service
from webapp.workers.models import Worker

# A database that is locked or away must not hold up the end of a worker for longer.
SIGN_OFF_SECONDS = 5.0

log = logging.getLogger(__name__)

Facts = Callable[[], dict[str, Any]]


class Announcer:
    """`facts` tells, each time anew, the columns of the worker's row that may change: what is the same is not written again."""

    def __init__(self, app: Flask, version: str, facts: Facts) -> None:
        self.id = uuid.uuid4().hex
        self._app = app
        self._version = version
        self._facts = facts
        self._told: dict[str, Any] | None = None
        self._stopping = False
        self._over = False
        self._wake = Event()
        self._thread = Thread(target=self._run, name="announcer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stopping(self) -> None:
        """It takes no new task from now on. Called from a signal handler, so the thread does the writing."""
        self._stopping = True
        self._wake.set()

    def stop(self) -> None:
        """Sign off."""
        self._over = True
        self._wake.set()
        self._thread.join(SIGN_OFF_SECONDS)

    def _run(self) -> None:
        while not self._over:
            self._try(self._tell)
            self._wake.wait(service.ANNOUNCE_SECONDS)
            self._wake.clear()
        self._try(lambda: service.sign_off(self.id))

    def _try(self, write: Callable[[], None]) -> None:
        with self._app.app_context():
            try:
                write()
            except DBAPIError as error:
                log.warning("the database is away, so nobody hears of this worker: %s", type(error.orig).__name__)
            finally:
                db.session.remove()

    def _tell(self) -> None:
        facts = self._facts()
        changed = {name: value for name, value in facts.items() if self._told is None or self._told[name] != value}
        sign = memory.of_worker(os.getpid())
        if self._told is None or not service.still_here(self.id, sign, stopping=self._stopping, changed=changed):
            service.sign_on(self._row(facts, sign))
        self._told = facts

    def _row(self, facts: dict[str, Any], sign: service.Memory) -> Worker:
        settings: Settings = self._app.config["SETTINGS"]
        now = clock.now()
        return Worker(
            id=self.id,
            name=settings.worker_name,
            host=socket.gethostname(),
            pid=os.getpid(),
            version=self._version,
            started_at=now,
            own_bytes=sign.own,
            engines_bytes=sign.engines,
            **facts,
        )


def register(app: Flask, version: str) -> None:
    """Have a Celery worker of this app announce itself. In any other process nothing happens."""

    @signals.worker_init.connect(weak=False)
    def begin(sender: Any, **_: Any) -> None:
        sender.app.amqp.queues.select_add(_direct(app))
        announcer = Announcer(app, version, lambda: _facts(app, sender))
        signals.worker_shutting_down.connect(lambda **_: announcer.stopping(), weak=False)
        signals.worker_shutdown.connect(lambda **_: announcer.stop(), weak=False)
        announcer.start()


def _facts(app: Flask, controller: Any) -> dict[str, Any]:
    return {
        "concurrency": controller.concurrency,
        "queues": sorted(set(controller.app.amqp.queues.consume_from) - {_direct(app)}),
        "engines": service.packed([engine.status() for engine in app.extensions["engines"].values()]),
    }


def _direct(app: Flask) -> str:
    settings: Settings = app.config["SETTINGS"]
    return service.direct_queue(settings.worker_name)

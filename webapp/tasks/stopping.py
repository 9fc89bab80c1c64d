"""A worker that is told to stop: it takes no new task, and its running ones have a settable time to finish."""

import logging
from threading import Event, Timer
from typing import Any

from celery.signals import worker_shutting_down

from webapp.config import Settings

log = logging.getLogger(__name__)


class Stopping:
    """`asked`: take no new task. `over`: the time has passed, so what still runs is stopped, and put back if it may run again."""

    def __init__(self) -> None:
        self.asked = Event()
        self.over = Event()

    def listen(self, settings: Settings) -> None:
        """Follow Celery's warm shutdown: the first SIGTERM to the worker."""

        def begin(**_: Any) -> None:
            self.begin(settings.stop_grace)

        worker_shutting_down.connect(begin, weak=False)

    def begin(self, grace: float) -> None:
        if self.asked.is_set():
            return
        self.asked.set()
        log.warning("stopping: running tasks have %.0f s to finish", grace)
        timer = Timer(grace, self.over.set)
        timer.daemon = True
        timer.start()


stopping = Stopping()

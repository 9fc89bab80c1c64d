"""Which engines the workers have, for those who check jobs and choose engines without running them."""

from collections.abc import Sequence
from threading import Lock
from time import monotonic

from engines.base import EngineStatus
from webapp.workers import service

# One submit asks several times; news of a worker may take that long to be noticed.
LOOK_SECONDS = 2.0


class Announced:
    """What all workers together announced. Threads share one; a look at the database serves all of them for a while."""

    def __init__(self, keep: float = LOOK_SECONDS) -> None:
        self._keep = keep
        self._lock = Lock()
        self._until = 0.0
        self._found: Sequence[EngineStatus] = ()

    def __call__(self) -> Sequence[EngineStatus]:
        with self._lock:
            if monotonic() >= self._until:
                self._found = _look()
                self._until = monotonic() + self._keep
            return self._found


def _look() -> list[EngineStatus]:
    lately = [worker for worker in service.known() if service.heard_within(worker, service.OFFERED_FOR)]
    return [status for worker in lately for status in service.unpacked(worker.engines)]

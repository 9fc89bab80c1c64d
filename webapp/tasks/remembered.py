"""Results that were read lately. A finished task's result never changes, so reading it again costs no look at the database."""

from collections import OrderedDict
from threading import Lock
from time import monotonic

from webapp.tasks.queries import Delivered

# Retention may delete a row; for so long a process may still answer with what it read before.
KEPT_SECONDS = 5.0
KEPT_CHARACTERS = 16 * 1024 * 1024


class RememberedResults:
    """The most lately used results of one process, bounded in age and in total size. Threads share it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[float, Delivered]] = OrderedDict()
        self._characters = 0
        self._lock = Lock()

    def get(self, task_id: str) -> Delivered | None:
        until, delivered = self._kept.get(task_id, (0.0, None))
        return delivered if monotonic() < until else None

    def keep(self, task_id: str, delivered: Delivered) -> None:
        """Remember what was read, if it is final and not too large a share of the room."""
        size = len(delivered.value or "")
        if not delivered.ready or size > KEPT_CHARACTERS // 8:
            return
        with self._lock:
            self._forget(task_id)
            self._kept[task_id] = (monotonic() + KEPT_SECONDS, delivered)
            self._characters += size
            while self._characters > KEPT_CHARACTERS:
                self._forget(next(iter(self._kept)))

    def _forget(self, task_id: str) -> None:
        entry = self._kept.pop(task_id, None)
        if entry is not None:
            self._characters -= len(entry[1].value or "")

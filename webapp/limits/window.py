"""Counting in fixed windows of a minute. A process takes a share of a limit at a time, so most requests ask nobody."""

from collections.abc import Callable
from threading import Lock
from time import time

WINDOW_SECONDS = 60
# A share is this part of a limit: smaller is more exact, larger asks the broker less often.
SHARES = 50

# Adds a number to the count of a name in a window, for all processes, and returns the sum.
Counter = Callable[[str, int, int], int]


class Limiter:
    """Threads of one process share it."""

    def __init__(self, count: Counter, now: Callable[[], float] = time) -> None:
        self._count = count
        self._now = now
        self._lock = Lock()
        self._asking = Lock()
        self._window = 0
        self._left: dict[str, int] = {}
        self._spent: set[str] = set()

    def take(self, key: str, limit: int) -> int | None:
        """One request. None when it may go on, else the seconds to wait."""
        known, wait = self._from_share(key)
        if known:
            return wait
        # One asks, the others wait for what it brings: shares that many threads took at once would be lost to other processes.
        with self._asking:
            known, wait = self._from_share(key)
            return wait if known else self._from_all(key, limit)

    def _from_share(self, key: str) -> tuple[bool, int | None]:
        """Whether this process knows the answer by itself, and the answer."""
        with self._lock:
            self._roll()
            if key in self._spent:
                return True, self._rest()
            if self._left.get(key, 0) > 0:
                self._left[key] -= 1
                return True, None
            return False, None

    def _from_all(self, key: str, limit: int) -> int | None:
        share = max(1, limit // SHARES)
        with self._lock:
            window = self._roll()
        granted = share - max(0, self._count(key, window, share) - limit)
        with self._lock:
            return self._grant(key, granted)

    @property
    def anybody_spent(self) -> bool:
        """Whether it is worth asking for one of them. Some may be of a window that is over."""
        return bool(self._spent)

    def spent(self, key: str) -> int | None:
        """The seconds to wait when this process has seen the limit of a name reached; counts nothing."""
        with self._lock:
            self._roll()
            return self._rest() if key in self._spent else None

    def _grant(self, key: str, granted: int) -> int | None:
        if granted <= 0:
            self._spent.add(key)
            return self._rest()
        self._left[key] = self._left.get(key, 0) + granted - 1
        return None

    def _roll(self) -> int:
        window = int(self._now() // WINDOW_SECONDS)
        if window != self._window:
            self._window = window
            self._left.clear()
            self._spent.clear()
        return window

    def _rest(self) -> int:
        return max(1, int((self._window + 1) * WINDOW_SECONDS - self._now() + 0.999))

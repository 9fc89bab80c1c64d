"""Chunks that are loaded at the same time become final one after another, in the order of the source."""

import threading

# Rows that are often refused or in each other's way are not worth trying any more.
MOST_MISSES = 20


class Stopped(Exception):
    """Another loader failed: nothing after its chunk becomes final."""


class Turns:
    """A chunk may be tried `ahead` of its turn, in a transaction that waits; the chunk in turn can have such transactions taken back."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._now = 0
        self._ahead = 0
        self._misses = 0
        self._alone = False
        self._stopped = False

    def begin(self) -> bool:
        """Whether a chunk may be tried now; `ended` must follow."""
        with self._changed:
            if self._alone or self._misses >= MOST_MISSES:
                return False
            self._ahead += 1
            return True

    def granted(self, number: int) -> bool:
        """Wait for the turn of a chunk that has been tried. False when it must be taken back. `ended` follows."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._alone or self._now == number)
            return self._now == number and not self._stopped

    def missed(self) -> None:
        """A chunk was tried in vain."""
        with self._changed:
            self._misses += 1

    def ended(self) -> None:
        """The transaction that was begun ahead is committed or taken back."""
        with self._changed:
            self._ahead -= 1
            self._changed.notify_all()

    def wait(self, number: int) -> None:
        """Until all chunks before are final. Raises Stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._now == number)
            if self._stopped:
                raise Stopped

    def alone(self) -> None:
        """For the chunk in turn: have all that is ahead taken back, since it may hold a lock that this one waits for."""
        with self._changed:
            self._alone = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._stopped or not self._ahead)

    def next(self) -> None:
        with self._changed:
            self._now += 1
            self._alone = False
            self._changed.notify_all()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

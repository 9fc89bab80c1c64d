"""How a writer's text reaches its shelf: at once, or from a thread where that may take long. Neither ever fails: what the store
does not take is counted, because a run must end as it would have ended without a log."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition, Thread
from time import monotonic
from typing import Protocol

from webapp.logs.appender import Appender

# Text is on its way to a slow shelf after so many seconds, or as soon as there is so much of it.
FLUSH_SECONDS = 0.8
FLUSH_BYTES = 1024 * 1024
# What may wait for a slow shelf. The engine is held up for so long when there is more; then text is lost.
WAITING_BYTES = 8 * 1024 * 1024
HELD_UP_SECONDS = 2.0
# A shelf that failed is left alone for so long.
PAUSE_SECONDS = 1.0


@dataclass(slots=True)
class Lost:
    """How many bytes of a log its store did not take, and why."""

    count: int = 0
    reason: str = ""

    def add(self, count: int, error: OSError | None = None) -> None:
        self.count += count
        if error is not None:
            self.reason = error.strerror or str(error) or type(error).__name__


class Sink(Protocol):
    lost: Lost

    def take(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class Direct:
    """Each piece of text is stored before `take` returns."""

    def __init__(self, appender: Appender) -> None:
        self.lost = Lost()
        self._appender = appender
        self._try_at = 0.0
        self._try(appender.begin)

    def take(self, data: bytes) -> None:
        if monotonic() >= self._try_at and self._try(lambda: self._appender.append(data)):
            return
        self._appender.skip(len(data))
        self.lost.add(len(data))

    def close(self) -> None:
        self._appender.close()

    def _try(self, action: Callable[[], None]) -> bool:
        try:
            action()
        except OSError as error:
            self.lost.add(0, error)
            self._try_at = monotonic() + PAUSE_SECONDS
            return False
        return True


@dataclass(slots=True)
class Batch:
    """Text in the order in which it came, and how many bytes were lost after it."""

    text: deque[bytes] = field(default_factory=deque)
    lost: int = 0


class Background:
    """A thread of its own stores what was taken, in the order in which it came, and tries again what failed.

    `patience` is how many seconds `close` waits for a shelf that does not answer.
    """

    def __init__(self, appender: Appender, patience: float) -> None:
        self.lost = Lost()
        self._appender, self._patience = appender, patience
        self._flush_bytes = min(FLUSH_BYTES, appender.part_bytes)
        self._waiting = deque([Batch()])
        self._bytes = 0
        self._begun = self._failing = self._closing = self._given_up = False
        self._changed = Condition()
        self._thread = Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def take(self, data: bytes) -> None:
        with self._changed:
            if not self._failing:
                self._changed.wait_for(self._has_room, HELD_UP_SECONDS)
            if self._has_room():
                self._keep(data)
            else:
                self._lose(len(data))
            if self._bytes >= self._flush_bytes:
                self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(self._patience)
        with self._changed:
            self._given_up = True
            self._changed.notify_all()
            if self._bytes:
                self._count(self._bytes, "its store does not answer")

    def _has_room(self) -> bool:
        return self._bytes < WAITING_BYTES

    def _keep(self, data: bytes) -> None:
        if self._waiting[-1].lost:
            self._waiting.append(Batch())
        self._waiting[-1].text.append(data)
        self._bytes += len(data)

    def _lose(self, count: int) -> None:
        self._count(count, "its store is too slow")
        self._waiting[-1].lost += count

    def _count(self, count: int, reason: str) -> None:
        self.lost.count += count
        self.lost.reason = self.lost.reason or reason

    def _run(self) -> None:
        batch = Batch()
        while not self._given_up:
            with self._changed:
                self._changed.wait_for(self._is_urgent, PAUSE_SECONDS if self._failing else FLUSH_SECONDS)
                batch = batch if self._failing else self._next()
                over = self._closing and self._waiting[0] == Batch()
            if self._store(batch) and over:
                self._appender.close()
                return

    def _is_urgent(self) -> bool:
        return self._given_up or not self._failing and (self._closing or self._bytes >= self._flush_bytes)

    def _next(self) -> Batch:
        """What to store in one go, taken out of what waits."""
        first, batch, size = self._waiting[0], Batch(), 0
        while first.text and size < self._flush_bytes:
            batch.text.append(first.text.popleft())
            size += len(batch.text[-1])
        if not first.text:
            batch.lost, first.lost = first.lost, 0
            if len(self._waiting) > 1:
                self._waiting.popleft()
        return batch

    def _store(self, batch: Batch) -> bool:
        text = b"".join(batch.text)
        try:
            if not self._begun:
                self._appender.begin()
                self._begun = True
            if text:
                self._appender.append(text)
        except OSError as error:
            self._failing = True
            self.lost.add(0, error)
            return False
        if batch.lost:
            self._appender.skip(batch.lost)
        with self._changed:
            self._failing = False
            self._bytes -= len(text)
            self._changed.notify_all()
        return True

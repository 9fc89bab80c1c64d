"""Notices that a running task moves no records any more."""

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from webapp import clock

_MOVED = ("records_read", "records_failed", "bytes_read")


class Stall:
    """`warn_after` seconds without a record moved are told, `stop_after` (None: never) are too many."""

    def __init__(self, warn_after: float, stop_after: float | None) -> None:
        self._warn_after, self._stop_after = warn_after, stop_after
        self._figures: list[Any] = [0] * len(_MOVED)
        self._moved_at = monotonic()

    def look(self, progress: dict[str, Any] | None) -> None:
        figures = [(progress or {}).get(name, 0) for name in _MOVED]
        if figures != self._figures:
            self._figures, self._moved_at = figures, monotonic()

    @property
    def seconds(self) -> float:
        return monotonic() - self._moved_at

    @property
    def since(self) -> datetime | None:
        """Since when nothing has moved, if that is long enough to be told."""
        warn_after = min(self._warn_after, self._stop_after or self._warn_after)
        return clock.now() - timedelta(seconds=self.seconds) if self.seconds >= warn_after else None

    @property
    def too_long(self) -> bool:
        return self._stop_after is not None and self.seconds >= self._stop_after

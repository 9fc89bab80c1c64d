"""How a run went over time: a series of bounded length, fine for a run of a minute, coarse for one of a week."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

# When there are as many points, every second one goes, and from then on they are taken half as often.
MOST_POINTS = 300
FINEST_SECONDS = 1.0
# A write replaces the whole series, so it is not done with every beat.
WRITE_SECONDS = 5.0
# What starts and is over before it said anything twice is no course over time.
FEWEST_POINTS = 3
# From this part of the channels' time on, a wait is worth a sentence; and the other side's must be this much smaller.
WORTH_SAYING = 0.2
CLEARLY = 2.0

_KEYS = ("records_read", "bytes_read", "records_failed", "wait_reader", "wait_writer")


@dataclass(frozen=True, slots=True)
class Samples:
    """A series to store. Each point holds the seconds since the start, and the totals by then in the order of `_KEYS`."""

    points: list[list[float]]
    channels: int


@dataclass(frozen=True, slots=True)
class Waits:
    """The parts of the channels' time that one side waited for the other. `bottleneck` is the side waited for, if it is clear."""

    for_reader: float
    for_writer: float
    bottleneck: str | None


class Series:
    """Takes what an engine reported, whenever that is new; totals are kept, so a point that goes takes nothing with it."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now, self._start = now, now()
        self._every = FINEST_SECONDS
        self._points: list[list[float]] = [[0.0] * (len(_KEYS) + 1)]
        self._seen: dict[str, Any] | None = None
        self._written_at, self._unwritten = self._start, False
        self.channels = 0

    def add(self, progress: dict[str, Any] | None, *, last: bool = False) -> None:
        """A report that was seen before says nothing about the time since: DataX's stand for ten seconds each."""
        at = round(self._now() - self._start, 3)
        if progress is None or progress is self._seen or (at - self._points[-1][0] < self._every and not last):
            return
        self._seen, self._unwritten = progress, True
        totals = [max(progress.get(key, 0), before) for key, before in zip(_KEYS, self._points[-1][1:], strict=True)]
        self._points.append([at, *totals])
        if len(self._points) >= MOST_POINTS:
            self._points = [*self._points[:-1:2], self._points[-1]]
            self._every *= 2

    def due(self) -> Samples | None:
        """The series when it is time to store it."""
        if self._now() - self._written_at < max(WRITE_SECONDS, self._every):
            return None
        return self.whole() if self._unwritten else None

    def whole(self) -> Samples | None:
        return Samples(self._points, self.channels) if len(self._points) >= FEWEST_POINTS else None

    def written(self) -> None:
        self._written_at, self._unwritten = self._now(), False


def waits(points: list[list[float]], channels: int) -> Waits | None:
    """Where the time went; None where the engine did not say. Both waits are sums over all channels."""
    seconds, *_, reader, writer = points[-1] if points else [0.0, 0.0, 0.0]
    if not channels or seconds <= 0 or reader + writer <= 0:
        return None
    # The process started before its channels did, and they end one by one: the sums never exceed all there was.
    whole = max(seconds * channels, reader + writer)
    return Waits(reader / whole, writer / whole, _bottleneck(reader / whole, writer / whole))


def _bottleneck(for_reader: float, for_writer: float) -> str | None:
    if max(for_reader, for_writer) < WORTH_SAYING:
        return None
    if for_writer > CLEARLY * for_reader:
        return "writer"
    return "reader" if for_reader > CLEARLY * for_writer else None

"""What a log consists of: parts, each an object whose name says which attempt's bytes it holds, and from where to where.

A log in the store is nothing but its parts, so whoever lists them knows all of it, and no index can disagree with them:

- `ATTEMPT-START-LINES.log` is plain text, and may still grow;
- `ATTEMPT-START-LINES-LENGTH.gz` is packed and never changes;
- `ATTEMPT-START.end` says where a log ends whose last bytes could not be stored, or that never had any.

LINES counts the line breaks before the part, so that a line is found, and an offset's line told, by a look into one part.
While a part is being packed it is there in both forms; then the plain one counts, because it was whole before.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NAME = re.compile(r"(\d+)-(\d+)(?:-(\d+)\.log|-(\d+)-(\d+)\.gz|\.end)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a task's folder, and how many bytes are stored under it."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes `start` to `end` of an attempt's log. So many line breaks are before them."""

    name: str
    start: int
    end: int
    lines: int
    packed: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing between two parts."""

    start: int
    end: int


def plain(attempt: int, start: int, lines: int) -> str:
    return f"{attempt}-{start}-{lines}.log"


def packed(attempt: int, start: int, lines: int, length: int) -> str:
    return f"{attempt}-{start}-{lines}-{length}.gz"


def end(attempt: int, at: int) -> str:
    return f"{attempt}-{at}.end"


class Parts:
    """The parts of one attempt's log, out of a listing of its task's folder. What others may have put there is not looked at."""

    def __init__(self, entries: Iterable[Entry], attempt: int) -> None:
        self._parts = [part for entry in entries if (part := _part(entry, attempt))]
        self.size = max((part.end for part in self._parts), default=0)

    def __bool__(self) -> bool:
        return bool(self._parts)

    @property
    def complete(self) -> bool:
        """Nobody appends to it: there is something, and nothing of it is plain."""
        return bool(self._parts) and all(part.packed for part in self._parts)

    def at(self, offset: int) -> Part | Gap | None:
        """What holds the byte at an offset; None at the end and past it."""
        if offset >= self.size:
            return None
        holding = [part for part in self._parts if part.start <= offset < part.end]
        if holding:
            return min(holding, key=lambda part: part.packed)
        before = max((part.end for part in self._parts if part.end <= offset), default=0)
        return Gap(before, min(part.start for part in self._parts if part.start > offset))

    def with_break(self, number: int) -> Part | None:
        """The part in which this line break is, the first being 1, if it was not left out. None where there is no such part."""
        return max(
            (part for part in self._parts if part.lines < number and part.start < part.end), key=_order, default=None
        )

    @property
    def last(self) -> Part | None:
        """The one with the last bytes there are."""
        return max((part for part in self._parts if part.start < part.end), key=_order, default=None)


def _order(part: Part) -> tuple[int, bool]:
    return part.start, not part.packed


def _part(entry: Entry, attempt: int) -> Part | None:
    found = _NAME.fullmatch(entry.name)
    if found is None or int(found[1]) != attempt:
        return None
    start = int(found[2])
    if found[3]:
        return Part(entry.name, start, start + entry.size, int(found[3]))
    return Part(entry.name, start, start + int(found[5] or 0), int(found[4] or 0), packed=True)

"""What a log consists of: parts, each an object whose name says which attempt's bytes it holds, and from where to where.

A log in the store is nothing but its parts, so whoever lists them knows all of it, and no index can disagree with them:

- `ATTEMPT-START.log` is plain text, and may still grow;
- `ATTEMPT-START-LENGTH.gz` is packed and never changes;
- `ATTEMPT-START.end` says where a log ends whose last bytes could not be stored, or that never had any.

While a part is being packed it is there in both forms; then the plain one counts, because it was whole before.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NAME = re.compile(r"(\d+)-(\d+)(?:-(\d+))?\.(log|gz|end)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a task's folder, and how many bytes are stored under it."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes `start` to `end` of an attempt's log."""

    name: str
    start: int
    end: int
    packed: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing between two parts."""

    start: int
    end: int


def plain(attempt: int, start: int) -> str:
    return f"{attempt}-{start}.log"


def packed(attempt: int, start: int, length: int) -> str:
    return f"{attempt}-{start}-{length}.gz"


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


def _part(entry: Entry, attempt: int) -> Part | None:
    found = _NAME.fullmatch(entry.name)
    if found is None or int(found[1]) != attempt:
        return None
    start = int(found[2])
    if found[4] == "log":
        return Part(entry.name, start, start + entry.size)
    return Part(entry.name, start, start + int(found[3] or 0), packed=True)

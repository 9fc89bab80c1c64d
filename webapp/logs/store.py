"""The logs of tasks, one for each attempt: always valid UTF-8, readable at any offset while they grow and after."""

import hashlib
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from webapp.config import Settings
from webapp.logs import boundaries, places
from webapp.logs.appender import Appender
from webapp.logs.content import Content
from webapp.logs.local import LocalShelf
from webapp.logs.objects import ObjectShelf
from webapp.logs.parts import Gap, Part, Parts
from webapp.logs.places import Found, Lines
from webapp.logs.shelf import Shelf
from webapp.logs.sinks import Background, Direct, Sink
from webapp.logs.writer import LogWriter

_PLAIN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# The longest character: who reads on and on, however few bytes at a time, comes to the end.
LEAST_LIMIT = 4
# Parts are packed under the hands of a reader; that it happens so often in a row takes more than chance.
LOOKS = 5


Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a log. Offsets count bytes from the log's start, those that were left out among them."""

    text: bytes
    next_offset: int
    offset: int


@dataclass(frozen=True, slots=True)
class State:
    """How a log stands. It is not `kept` when it was never begun or has been deleted, `complete` when nobody writes to it."""

    kept: bool
    complete: bool
    size: int


class _Moved(Exception):
    """A part was packed or deleted between the look at the parts and the reading of it."""


class LogStore:
    """Every call but those of a writer raises OSError when the place where logs are kept cannot be used."""

    def __init__(self, shelf: Shelf, *, most: int = 1024**3, patience: float = 10.0) -> None:
        self.shelf = shelf
        self._most, self._patience = most, patience

    def writer(self, task_id: str, attempt: int) -> LogWriter:
        """Append to an attempt's log; it is made when it is not there. Never raises."""
        appender = Appender(self.shelf, folder_of(task_id), attempt, self._most)
        sink: Sink = Background(appender, self._patience) if self.shelf.slow else Direct(appender)
        return LogWriter(sink)

    def state(self, task_id: str, attempt: int, *, fresh: bool = False) -> State:
        """Unless `fresh` it may be as old as a blink of an eye."""
        parts = self._parts(task_id, attempt, fresh=fresh)
        return State(bool(parts), parts.complete, parts.size)

    def read(self, task_id: str, attempt: int, offset: int, limit: int) -> Piece:
        """At most `limit` bytes from `offset`, begun and cut at character boundaries. An offset past the end gives nothing.

        Where bytes were left out a line says how many: the piece ends behind them, or begins before them if `offset` lies among them.
        """
        nothing = Piece(b"", offset, offset)
        return self._steadily(task_id, attempt, nothing, lambda log: self._read(task_id, attempt, log, offset, limit))

    def end(self, task_id: str, attempt: int, limit: int) -> Piece:
        """The last `limit` bytes."""
        return self.read(task_id, attempt, max(0, self._parts(task_id, attempt).size - limit), limit)

    def line_at(self, task_id: str, attempt: int, offset: int) -> int:
        """The number of the line that the byte at an offset belongs to, the first being 1. Lines that were left out are counted."""
        return self._steadily(task_id, attempt, 0, lambda log: places.breaks_before(log, offset)) + 1

    def line_start(self, task_id: str, attempt: int, number: int) -> int:
        """The offset where a line begins; the log's end where it has fewer."""
        return self._steadily(task_id, attempt, 0, lambda log: places.after_break(log, number - 1))

    def find(self, task_id: str, attempt: int, lines: Lines, offset: int, most: int) -> Found:
        """The next lines from an offset, `most` at most: not always all there are, as one call looks through a bounded part."""
        nothing = Found([], offset)
        return self._steadily(task_id, attempt, nothing, lambda log: places.find(log, lines, offset, most))

    def delete(self, task_id: str) -> None:
        """The logs of all attempts."""
        self.shelf.remove_folder(folder_of(task_id))

    def check(self) -> None:
        """Keep, read and delete something. Raises OSError."""
        folder = folder_of(str(uuid.uuid4()))
        self.shelf.put(folder, "check", b"text")
        try:
            if self.shelf.get(folder, "check", 0, 4) != b"text":
                raise OSError("what was kept came back as something else")
        finally:
            self.shelf.remove_folder(folder)

    def _parts(self, task_id: str, attempt: int, *, fresh: bool = False) -> Parts:
        return Parts(self.shelf.entries(folder_of(task_id), fresh=fresh), attempt)

    def _steadily(self, task_id: str, attempt: int, nothing: Result, look: Callable[[Content], Result]) -> Result:
        """Looks again where parts were packed or deleted during a look."""
        for number in range(LOOKS):
            parts = self._parts(task_id, attempt, fresh=number > 0)
            try:
                return look(Content(self.shelf, folder_of(task_id), parts))
            except (_Moved, FileNotFoundError):
                continue
        return nothing

    def _read(self, task_id: str, attempt: int, content: Content, offset: int, limit: int) -> Piece:
        texts: list[bytes] = []
        at, room = offset, max(limit, LEAST_LIMIT)
        while room > 0 and isinstance(found := content.parts.at(at), Part):
            text, at = _characters(content, found, at, min(room, found.end - at))
            texts.append(text)
            room = room - len(text) if text and at == found.end else 0
        if room <= 0 or not isinstance(found, Gap):
            return Piece(b"".join(texts), at, offset)
        # A listing taken while a part was being packed may have seen neither form of it.
        if self._parts(task_id, attempt, fresh=True).at(at) != found:
            raise _Moved
        texts.append(_left_out(found, room))
        return Piece(b"".join(texts), found.end, min(found.start, offset))


def of(settings: Settings) -> LogStore:
    """The store that the settings name."""
    place = settings.log_place
    shelf = LocalShelf(place) if isinstance(place, Path) else ObjectShelf(place, settings.log_options)
    return LogStore(shelf, most=settings.log_max_bytes, patience=settings.lost_after / 3)


def folder_of(task_id: str) -> str:
    """An id given by another program may hold anything; its hash is a safe name."""
    plain = _PLAIN_ID.fullmatch(task_id)
    name = task_id if plain else hashlib.sha256(task_id.encode("utf-8", "replace")).hexdigest()
    return f"{name[:2]}/{name}"


def _characters(content: Content, part: Part, offset: int, count: int) -> tuple[bytes, int]:
    """Whole characters only: a part begins and ends with one, unless it is being written at this moment."""
    chunk = content.read(part, offset, offset + count)
    first, last = boundaries.first(chunk), boundaries.last(chunk)
    return chunk[first:last], offset + max(first, last)


def _left_out(gap: Gap, room: int) -> bytes:
    notice = f"\n[… {gap.end - gap.start} bytes of the log are left out here …]\n".encode()
    return notice[:room].decode("utf-8", "ignore").encode()

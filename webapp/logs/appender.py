"""Appending to an attempt's log: plain text that is packed part by part, and loses its middle when it grows too long."""

import contextlib
import logging
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial

from webapp.logs import parts, places
from webapp.logs.content import Content
from webapp.logs.packing import Packer
from webapp.logs.parts import Parts
from webapp.logs.shelf import Shelf, Tail

log = logging.getLogger(__name__)

# A plain part of this size is packed, and a new one begun.
PART_BYTES = 8 * 1024 * 1024


class Appender:
    """Appends from where the log ends. Offsets only ever grow: what was left out or lost keeps the room that it took."""

    def __init__(self, shelf: Shelf, folder: str, attempt: int, most: int) -> None:
        self._shelf, self._folder, self._attempt = shelf, folder, attempt
        self._most = most
        self.part_bytes = min(PART_BYTES, max(most // 8, 1))
        self._tail: Tail | None = None
        self._packer = Packer()
        self._offset = self._stored = 0
        self._breaks = 0  # those of lines, in all that was stored
        # What may be left out one day, oldest first: every part that begins after the first half of what is kept.
        self._droppable: deque[tuple[Callable[[], None], int]] = deque()
        self._kept = 0

    def begin(self) -> None:
        """Make the log, so that it is there before its first byte. Raises OSError."""
        found = Parts(self._shelf.entries(self._folder, fresh=True), self._attempt)
        self._offset = self._stored = found.size
        self._breaks = places.breaks_before(Content(self._shelf, self._folder, found), found.size)
        self._tail = self._begin_tail()

    def append(self, data: bytes) -> None:
        """Raises OSError; then nothing of `data` is stored, and `skip` says so."""
        if self._tail is None:
            self._tail = self._begin_tail()
        self._tail.append(data)
        self._packer.feed(data)
        self._breaks += data.count(b"\n")
        self._offset += len(data)
        self._stored = self._offset
        if self._tail.length >= self.part_bytes:
            self._turn()

    def skip(self, count: int) -> None:
        """So many bytes come to nothing here."""
        self._pack()
        self._offset += count

    def close(self) -> None:
        self._pack()
        if self._stored < self._offset or self._offset == 0:
            with self._told("where it ends is not kept"):
                self._shelf.put(self._folder, parts.end(self._attempt, self._offset), b"")

    def _begin_tail(self) -> Tail:
        self._packer = Packer()
        return self._shelf.tail(self._folder, self._attempt, self._offset, self._breaks)

    def _turn(self) -> None:
        """A new part begins before the old one is packed: a log with no plain part is one that nobody appends to."""
        full, packer = self._tail, self._packer
        self._tail = None
        with contextlib.suppress(OSError):  # the next append tries again, and tells
            self._tail = self._begin_tail()
        if full is not None:
            self._settle(full, packer)
        self._leave_out()

    def _pack(self) -> None:
        tail, self._tail = self._tail, None
        if tail is not None:
            self._settle(tail, self._packer)

    def _settle(self, tail: Tail, packer: Packer) -> None:
        tail.close()
        start = self._offset - packer.length
        name = parts.packed(self._attempt, start, self._breaks - packer.breaks, packer.length)
        drop: Callable[[], None] = tail.remove
        with self._told("a part stays as it is"):
            if packer.length:
                self._shelf.put(self._folder, name, packer.finish())
                drop = partial(self._shelf.remove, self._folder, name)
            tail.remove()
        self._kept += packer.length
        if packer.length and start >= self._most // 2:
            self._droppable.append((drop, packer.length))

    def _leave_out(self) -> None:
        while self._kept > self._most and self._droppable:
            drop, length = self._droppable.popleft()
            with self._told("a part that is too much stays"):
                drop()
            self._kept -= length

    @contextlib.contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """What a log can do without. The text itself is never at stake here."""
        try:
            yield
        except OSError as error:
            log.warning("the log %s: %s: %s", self._folder, what, error)

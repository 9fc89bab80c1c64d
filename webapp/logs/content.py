"""What is in the parts of a log, packed or not."""

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.logs import packing
from webapp.logs.parts import Part, Parts
from webapp.logs.shelf import Shelf

# So much of a part is looked through at a time, whatever its size.
SLICE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Content:
    """A log as a listing of its folder saw it. Offsets are those of the whole log."""

    shelf: Shelf
    folder: str
    parts: Parts

    def read(self, part: Part, start: int, end: int) -> bytes:
        """Raises FileNotFoundError for a part that was packed or deleted since, and OSError."""

        def get(first: int, last: int) -> bytes:
            return self.shelf.get(self.folder, part.name, first, last)

        first, last = start - part.start, end - part.start
        return packing.read(get, first, last) if part.packed else get(first, last)

    def slices(self, part: Part, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        """The same in pieces, each with its offset."""
        for at in range(start, end, SLICE_BYTES):
            yield at, self.read(part, at, min(at + SLICE_BYTES, end))

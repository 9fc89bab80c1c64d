"""CSV on its way from DuckDB into a database: cut into chunks of whole rows, small enough to keep until the server has taken them.

Every cell but NULL may stand in quotes, and a quote inside is doubled, so a line ends a row exactly when the quotes before it
are even in number.
"""

import queue
import re
import threading
from collections.abc import Callable, Iterator, Sequence

# What a server is given at once: large enough to hide the round trip, small enough to be kept twice, and to be one transaction.
CHUNK_BYTES = 4 << 20
# The same for a job with a speed limit, which shall arrive steadily.
PACED_BYTES = 64 << 10
_WAIT_SECONDS = 0.2


class Aborted(Exception):
    """A loader failed, so nobody takes any more; the loader's error is the one that counts."""


class Chunker:
    """Takes blocks as they come, gives chunks of whole rows."""

    def __init__(self, quote: bytes, size: int = CHUNK_BYTES) -> None:
        self._quote = quote
        self._size = size
        self._limit = size
        self._blocks: list[bytes] = []
        self._length = 0

    def add(self, block: bytes) -> bytes | None:
        self._blocks.append(block)
        self._length += len(block)
        if self._length < self._limit:
            return None
        data = b"".join(self._blocks)
        end = last_row_end(data, self._quote)
        self._keep(data[end:])
        # A row larger than a chunk is looked at again only when it has doubled.
        self._limit = self._size if end else 2 * len(data)
        return data[:end] or None

    def rest(self) -> bytes:
        data = b"".join(self._blocks)
        self._keep(b"")
        return data

    def _keep(self, rest: bytes) -> None:
        self._blocks = [rest] if rest else []
        self._length = len(rest)


def last_row_end(data: bytes, quote: bytes) -> int:
    """Where the last whole row ends, 0 when there is none. `data` begins with a row."""
    quotes = data.count(quote)
    end = len(data)
    while True:
        position = data.rfind(b"\n", 0, end)
        if position < 0:
            return 0
        quotes -= data.count(quote, position, end)
        if quotes % 2 == 0:
            return position + 1
        end = position


def rows_of(chunk: bytes, quote: bytes) -> Iterator[bytes]:
    """Each row without its line's end."""
    parts: list[bytes] = []
    odd = False
    for line in chunk.split(b"\n")[:-1]:
        parts.append(line)
        odd ^= bool(line.count(quote) & 1)
        if not odd:
            yield b"\n".join(parts)
            parts = []


def count_rows(chunk: bytes, quote: bytes) -> int:
    return sum(1 for _ in rows_of(chunk, quote))


def cells_of(row: bytes, quote: str) -> list[tuple[str, bool]]:
    """The cells of a row, each with whether it stood in quotes."""
    pattern = re.compile(rf"{quote}((?:[^{quote}]|{quote}{quote})*){quote}(?:,|$)|([^,]*)(?:,|$)")
    text, position, cells = row.decode("utf-8", "replace"), 0, []
    while position <= len(text):
        match = pattern.match(text, position)
        assert match is not None, "the second half of the pattern matches anything"
        cells.append((match[2], False) if match[1] is None else (match[1].replace(quote * 2, quote), True))
        # A comma at the very end is followed by one more cell, which is empty.
        position = match.end() if match[0].endswith(",") else len(text) + 1
    return cells


class Loading:
    """Loaders in threads of their own, fed with chunks and their numbers from 0; `take` waits while all of them are busy."""

    def __init__(self, loaders: Sequence[Callable[[bytes, int], None]], quote: bytes, size: int = CHUNK_BYTES) -> None:
        self._chunker = Chunker(quote, size)
        self._number = 0
        self._queue: queue.Queue[tuple[bytes, int] | None] = queue.Queue(maxsize=1)
        self._failed: list[BaseException] = []
        self._threads = [threading.Thread(target=self._load, args=(each,), daemon=True) for each in loaders]
        for thread in self._threads:
            thread.start()

    def take(self, block: bytes) -> None:
        chunk = self._chunker.add(block)
        if chunk:
            self._give(chunk)

    def finish(self) -> None:
        """All rows are here: load the last ones and wait. Raises what a loader raised."""
        rest = self._chunker.rest()
        try:
            if rest:
                self._give(rest)
            self._end()
        except Aborted:
            self._join()
        if self._failed:
            raise self._failed[0]

    def abort(self) -> None:
        """The source failed: what was not loaded is dropped. The error of a loader, which came first, is raised."""
        failed = list(self._failed)
        self._failed.append(Aborted())
        self._join()
        if failed:
            raise failed[0]

    def _give(self, chunk: bytes) -> None:
        self._put((chunk, self._number))
        self._number += 1

    def _put(self, item: tuple[bytes, int] | None) -> None:
        while not self._failed:
            try:
                return self._queue.put(item, timeout=_WAIT_SECONDS)
            except queue.Full:
                continue
        raise Aborted

    def _end(self) -> None:
        for _ in self._threads:
            self._put(None)
        self._join()

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _load(self, loader: Callable[[bytes, int], None]) -> None:
        try:
            while not self._failed:
                try:
                    item = self._queue.get(timeout=_WAIT_SECONDS)
                except queue.Empty:
                    continue
                if item is None:
                    return
                loader(*item)
        except BaseException as error:
            self._failed.append(error)

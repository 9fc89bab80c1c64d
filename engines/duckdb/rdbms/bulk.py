"""The bulk way into a table, and what to do when the server refuses a row: smaller and smaller pieces, until it stands alone."""

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from engines.duckdb.rdbms.cells import NOT_A_DATE
from engines.duckdb.rdbms.chunks import cells_of, rows_of
from engines.duckdb.rows import LIMIT_WORD, Dirty
from engines.duckdb.session import SAMPLES
from engines.duckdb.types import Column, Kind

NULL = "NULL"
# A refused piece is cut into so many: few bad rows are found soon, and many do not cost a transaction for each doubling.
PIECES = 8


class RowError(Exception):
    """The server refused one of the rows, for what it holds; others may go in."""


class TooManyBad(Exception):
    def __init__(self) -> None:
        super().__init__(LIMIT_WORD)


class Bad:
    """The rows that the server refused: how many, and the first of them. `limit` is how many more may be."""

    def __init__(self, columns: Sequence[Column], quote: str, limit: int | None) -> None:
        self._columns = columns
        self._quote = quote
        self._limit = limit
        self._lock = threading.Lock()
        self.number = 0
        self.samples: list[Dirty] = []

    def add(self, row: bytes, reason: str) -> None:
        with self._lock:
            self.number += 1
            if len(self.samples) < SAMPLES:
                self.samples.append(Dirty(self._record(row), reason, role="writer", key="exception"))
            if self._limit is not None and self.number > self._limit:
                raise TooManyBad

    def _record(self, row: bytes) -> list[dict[str, Any]]:
        cells = zip(self._columns, cells_of(row, self._quote), strict=True)
        return [_logged(number, column, text, quoted) for number, (column, (text, quoted)) in enumerate(cells)]


def _logged(number: int, column: Column, text: str, quoted: bool) -> dict[str, Any]:
    """A cell in DataX's form of logging a record."""
    if text == NULL and not quoted:
        return {"byteSize": 0, "index": number, "type": column.kind.value}
    text = text.removeprefix(NOT_A_DATE)
    value: Any = text
    if column.kind is Kind.LONG:
        try:
            value = json.loads(text)
        except ValueError:
            value = text
    return {"byteSize": len(text.encode()), "index": number, "rawData": value, "type": column.kind.value}


class Loader(ABC):
    """Loads chunks, each as a whole or, where the server refuses a row, all rows but the refused ones."""

    def __init__(self, quote: bytes, bad: Bad) -> None:
        self.quote = quote
        self.bad = bad

    @abstractmethod
    def bulk(self, chunk: bytes) -> None:
        """All rows or none. Raises RowError."""

    @abstractmethod
    def piece(self, rows: Sequence[bytes]) -> None:
        """The same for some rows of a chunk that was refused."""

    def load(self, chunk: bytes, number: int) -> None:
        """Chunks are numbered in the order of the source."""
        try:
            self.bulk(chunk)
        except RowError:
            self.divide(list(rows_of(chunk, self.quote)))

    def divide(self, rows: Sequence[bytes]) -> None:
        width = -(-len(rows) // PIECES)
        for start in range(0, len(rows), width):
            part = rows[start : start + width]
            try:
                self.piece(part)
            except RowError as error:
                if len(part) == 1:
                    self.bad.add(part[0], str(error))
                else:
                    self.divide(part)

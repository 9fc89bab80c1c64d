"""Rows on their way from a reader to a writer: a SELECT that DuckDB streams, and what becomes of each row.

Python never sees the rows. It hands SQL from the reader through the transformers to the writer, each wrapping the one before.
Columns are named c0, c1, …; a SELECT that is `judged` also gives `fate` (see Fate), `why` and `raw` of rows that are not to pass.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from engines.duckdb.types import Column

# DuckDB's error() carries these words out of a running query.
ODD_WORD = "datax: odd row"
LIMIT_WORD = "datax: too many bad records"
# What DuckDB says of a date such as 2024-00-00, which MySQL may hold.
NO_DATE = "Conversion Error: Date out of range"
# What DuckDB itself says when its share of the memory is used up.
NO_ROOM = "Out of Memory Error"
# Sequences count what passes: they cost 20 ns a row, and another cursor sees them move.
# SPOILT are those of DIRTY that a transformer failed on.
PASSED, DIRTY, FILTERED, SPOILT = "datax_passed", "datax_dirty", "datax_filtered", "datax_spoilt"
COUNTERS = (PASSED, DIRTY, FILTERED, SPOILT)


class Fate(IntEnum):
    """What becomes of a row. BAD_READ is explained by the reader from `raw`, BAD_TRANSFORM says `why` itself."""

    PASSES = 0
    BAD_READ = 1
    FILTERED = 2
    BAD_TRANSFORM = 3


class Odd(Exception):
    """A row that the fast way cannot judge as DataX would: the slice starts again the exact way."""


class Again(Exception):
    """The way that the writer tried first cannot say which row it stumbled over: the slice starts again, and takes another."""


class Wide(Exception):
    """A line of text is wider than the buffers: the slice starts again with wider ones."""


@dataclass(frozen=True, slots=True)
class Dirty:
    """One bad record: the columns that were read before it went wrong, as DataX logs them, and the reason."""

    record: Sequence[dict[str, Any]]
    message: str
    role: str = "reader"
    # A writer's reason is an exception in DataX's log, a reader's a message.
    key: str = "message"


@dataclass(frozen=True, slots=True)
class Rows:
    """`explain` turns `raw` of a bad row into what DataX would log. `width` is set where rows differ in their number of columns:
    then the SELECT gives `width`, and columns beyond it are no columns at all. `row_bytes` is DataX's measure of a mean row."""

    select: str
    columns: tuple[Column, ...]
    judged: bool = False
    ragged: bool = False
    explain: Callable[[Sequence[str]], Dirty] | None = None
    row_bytes: Callable[[], float] = lambda: 0.0
    # Where the rows come from, as long as nothing has been done to them: a writer of the same make may take them from there.
    origin: Any = None

    def names(self) -> list[str]:
        return [f"c{number}" for number in range(len(self.columns))]

    def extras(self) -> list[str]:
        """The columns besides the data that every wrapping SELECT must hand on."""
        return (["fate", "why", "raw"] if self.judged else []) + (["width"] if self.ragged else [])


@dataclass(frozen=True, slots=True)
class Counted:
    """What a writer gets: `select` gives only the good rows and counts every row as it goes by. Run it once."""

    select: str
    columns: tuple[Column, ...]
    ragged: bool = False
    origin: Any = None


def counted(rows: Rows, limit: int | None) -> Counted:
    """Let the good rows through and count all of them; stop at once when there are more bad ones than `limit`."""
    names = rows.names() + (["width"] if rows.ragged else []) or ["NULL AS nothing"]
    select = f"SELECT {', '.join(names)} FROM ({rows.select}) AS judged WHERE {_gate(rows.judged, limit)}"
    return Counted(select, rows.columns, rows.ragged, None if rows.judged else rows.origin)


def _gate(judged: bool, limit: int | None) -> str:
    passes = f"nextval('{PASSED}') > 0"
    if not judged:
        return passes
    bad = f"nextval('{DIRTY}') < 0"
    if limit is not None:
        bad = f"CASE WHEN nextval('{DIRTY}') > {limit} THEN error('{LIMIT_WORD}') ELSE false END"
    spoilt = f"CASE WHEN nextval('{SPOILT}') > 0 THEN {bad} END"
    return (
        f"CASE fate WHEN {Fate.PASSES} THEN {passes} WHEN {Fate.FILTERED} THEN nextval('{FILTERED}') < 0 "
        f"WHEN {Fate.BAD_TRANSFORM} THEN {spoilt} ELSE {bad} END"
    )


def samples(rows: Rows, limit: int) -> str:
    """A SELECT of the first bad rows: fate, why, raw and the columns as text."""
    names = ", ".join(["fate", "why", "raw", *rows.names()])
    bad = f"({Fate.BAD_READ}, {Fate.BAD_TRANSFORM})"
    return f"SELECT {names} FROM ({rows.select}) AS judged WHERE fate IN {bad} LIMIT {limit}"

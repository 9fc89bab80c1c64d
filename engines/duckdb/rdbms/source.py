"""What a database's reader and writer need of it, whichever it is; `postgresql` and `mysql` implement it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from engines.duckdb.failure import Failure
from engines.duckdb.rdbms.jdbc import Address
from engines.duckdb.types import Column, literal

if TYPE_CHECKING:
    from engines.duckdb.session import Session

# A floating number's text as MySQL writes it, out of DuckDB's. `datax_plain` has no exponent, `datax_floating` has one outside of
# 1e-15 up to fifteen digits before the point.
NUMBER_TEXT = (
    """
    CREATE OR REPLACE TEMP MACRO datax_shift(digits, point) AS
    CASE WHEN point <= 0 THEN '0.' || repeat('0', -point) || digits
    WHEN point >= length(digits) THEN digits || repeat('0', point - length(digits))
    ELSE digits[:point] || '.' || digits[point + 1:] END
    """,
    """
    CREATE OR REPLACE TEMP MACRO datax_plain(x) AS
    CASE WHEN contains(x, 'e') THEN CASE WHEN starts_with(x, '-') THEN '-' ELSE '' END || datax_shift(
        replace(regexp_extract(x, '([0-9.]+)e', 1), '.', ''),
        strpos(regexp_extract(x, '([0-9.]+)e', 1) || '.', '.') - 1 + CAST(regexp_extract(x, 'e(.*)$', 1) AS INTEGER))
    WHEN ends_with(x, '.0') THEN x[:-3] ELSE x END
    """,
    r"""
    CREATE OR REPLACE TEMP MACRO datax_floating(x) AS
    CASE WHEN contains(x, 'e') THEN CASE WHEN CAST(split_part(x, 'e', 2) AS INTEGER) BETWEEN -15 AND 0 THEN datax_plain(x)
        ELSE replace(x, 'e+', 'e') END
    WHEN NOT ends_with(x, '.0') THEN x
    WHEN length(ltrim(x, '-')) = 18 THEN
        regexp_replace(regexp_replace(x, '^(-?.)(.*?)0*\.0$', '\1.\2e15'), '\.e', 'e')
    WHEN x = '-0.0' THEN '0' ELSE x[:-3] END
    """,
)


# A run that is told to stop has a second, and its server may not answer.
CANCEL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Login:
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Described:
    """A column of a query. `outer` is SQL around it in the source, `{}` is the column. `type_id` is the source's own."""

    name: str
    column: Column
    outer: str = "{}"
    type_id: int = 0


class Database(Protocol):
    """One database, by its address and login. Connections are DB-API's, in autocommit."""

    @property
    def address(self) -> Address: ...

    @property
    def login(self) -> Login: ...

    def connect(self) -> Any:
        """Raises Failure with DataX's code; never waits longer than the connect time-out."""

    def describe(self, connection: Any, query: str) -> Sequence[Described]:
        """The columns of a query, which is not run. Raises Failure."""

    def wrapped(self, query: str, described: Sequence[Described]) -> str:
        """The query with its columns named c0, c1, … and brought into a form that survives the way."""

    def with_real_dates(self, described: Sequence[Described]) -> Sequence[Described]:
        """The same where a date such as 2024-00-00, which no calendar holds, becomes one. It takes time and is rarely needed."""

    def attach(self, session: "Session") -> None:
        """Give DuckDB a connection to it."""

    def scan(self, query: str) -> str:
        """DuckDB's table function for a query."""

    def cancel(self, connection: Any) -> None:
        """End what the server is doing for a connection that another thread waits for; gives up after `CANCEL_SECONDS`."""

    def failure(self, statement: str, error: Exception) -> Failure:
        """What a driver's error means in DataX's codes."""


def load(session: "Session", name: str) -> None:
    """Give DuckDB an extension of its own, which it need not be given twice. Raises Failure where the wheel is missing."""
    session.db.execute(f"LOAD {literal(str(_extension(name)))}")


def _extension(name: str) -> Path:
    """The file of a DuckDB extension in its wheel: loaded from there, nothing is copied or fetched."""
    from importlib.util import find_spec

    import _duckdb

    spec = find_spec(f"duckdb_extension_{name}")
    if spec is None or spec.origin is None:
        raise Failure(
            "Framework-12", "The package duckdb-extension-%(name)s is not installed.", {"name": name.replace("_", "-")}
        )
    return Path(spec.origin).parent / "extensions" / f"v{_duckdb.__version__}" / f"{name}.duckdb_extension"

"""sqlitewriter: rows into a table of an SQLite file, all of them or none.

DuckDB writes the slices into a file of its own, the stage; SQLite takes them over at the end, in the transaction that preSql began.
Rows that SQLite refuses are found by halving the range in which they must be.
"""

import contextlib
import os
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from engines.duckdb.failure import Failure
from engines.duckdb.pace import Pace
from engines.duckdb.parameters import Arguments, Parameter, Support
from engines.duckdb.plugins import Plugin
from engines.duckdb.rows import Counted, Dirty
from engines.duckdb.session import SAMPLES, Session
from engines.duckdb.sqlite.place import (
    CODES,
    EXECUTE,
    WRITE,
    attach,
    check_names,
    confine,
    connect,
    connections,
    file_of,
    listed,
    run,
)
from engines.duckdb.types import Column, Kind, identifier, literal

if TYPE_CHECKING:
    import duckdb

ALIAS, STAGE = "stage_file", "stage"
MODES = {"insert": "INSERT", "replace": "INSERT OR REPLACE"}

PARAMETERS = (
    Parameter("column", note='Names of columns in the order of the reader\'s; `["*"]` for all.'),
    Parameter("connection", note="One: `jdbcUrl` (`jdbc:sqlite:FILE`) and one `table`."),
    Parameter("preSql", note="Part of the transaction; `@table` is the table."),
    Parameter("postSql", note="Part of the transaction; `@table` is the table."),
    Parameter("writeMode", note="insert (default), replace."),
    Parameter("batchSize", Support.UNNEEDED, "All rows go in one transaction."),
    Parameter("username", Support.UNNEEDED, "SQLite has no users."),
    Parameter("password", Support.UNNEEDED, "SQLite has no users."),
)


@dataclass
class Transaction:
    """What is open while the job runs."""

    database: sqlite3.Connection | None = None
    stage: Path | None = None
    columns: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SqliteWriter:
    path: str
    table: str
    columns: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    verb: str
    open: Transaction = field(default_factory=Transaction, compare=False)

    attached: ClassVar[bool] = True
    restartable: ClassVar[bool] = True

    def prepare(self, session: Session, slices: int) -> None:
        database = self.open.database = connect(self.path, write=True)
        for statement in ("BEGIN IMMEDIATE", *self.before):
            run(database, statement.replace("@table", self.table))
        present = [each[1] for each in database.execute(f"PRAGMA table_info({identifier(self.table)})")]
        if not present:
            raise Failure(EXECUTE, "There is no table %(table)s in %(path)s.", {"table": self.table, "path": self.path})
        self.open.columns = present if self.columns == ("*",) else list(self.columns)
        file = Path(self.path)
        self.open.stage = file.with_name(f".{file.name}.{os.getpid()}.part")
        self.open.stage.unlink(missing_ok=True)
        attach(session, str(self.open.stage), ALIAS)

    def write(self, session: Session, rows: Counted, number: int) -> None:
        """Append the slice to the stage; a slice that fails on the way leaves nothing there."""
        wanted = len(self.open.columns)
        if len(rows.columns) != wanted or rows.ragged:
            values = {"read": len(rows.columns), "wanted": wanted}
            raise Failure("DBUtilErrorCode-00", "The reader gives %(read)s columns, the writer has %(wanted)s.", values)
        types = ", ".join(f"c{n} {_storage(column)}" for n, column in enumerate(rows.columns))
        values_of = ", ".join(_stored(column, f"c{n}") for n, column in enumerate(rows.columns))
        select = f"SELECT {values_of} FROM ({rows.select}) AS passed"
        if session.pace is not None:
            self._write_slowly(session.db.execute(select), f"{STAGE}_{number} ({types})", session.pace)
            return
        session.db.execute(f"CREATE TABLE IF NOT EXISTS {ALIAS}.{STAGE}_{number} ({types})")
        session.db.execute(f"INSERT INTO {ALIAS}.{STAGE}_{number} {select}")

    def _write_slowly(self, rows: "duckdb.DuckDBPyConnection", table: str, pace: Pace) -> None:
        """Batch by batch, for a job with a speed limit: DuckDB itself would not wait between rows."""
        name, marks = table.partition(" ")[0], ", ".join("?" * len(self.open.columns))
        with contextlib.closing(sqlite3.connect(str(self.open.stage), isolation_level=None)) as stage:
            stage.execute("BEGIN")
            stage.execute(f"CREATE TABLE {table}")
            while batch := rows.fetchmany(pace.batch):
                stage.executemany(f"INSERT INTO {name} VALUES ({marks})", batch)
                pace.spend(sum(_bytes(cell) for row in batch for cell in row), len(batch))
            stage.execute("COMMIT")

    def publish(self, session: Session) -> None:
        """Hand the stage over, look at what was refused, and make it final."""
        database = self.open.database
        assert database is not None, "prepare comes first"
        session.db.execute(f"DETACH {ALIAS}")
        confine(database, str(self.open.stage))
        run(database, f"ATTACH {literal(str(self.open.stage))} AS stage")
        confine(database)
        for (name,) in database.execute("SELECT name FROM stage.sqlite_master WHERE type = 'table'").fetchall():
            refused = Refused(limit=session.setting.error_records)
            highest = database.execute(f"SELECT max(rowid) FROM stage.{name}").fetchone()[0] or 0
            self._take(database, name, 1, highest, refused)
            session.writer_failed(refused.number, refused.samples)
        session.check_limits()
        for statement in (*self.after, "COMMIT"):
            run(database, statement.replace("@table", self.table))
        self.discard(session)

    def _take(self, database: sqlite3.Connection, stage: str, low: int, high: int, refused: "Refused") -> None:
        """Insert a range of the stage; where a row in it is refused, its two halves, down to the row."""
        if low > high or refused.enough():
            return
        names = ", ".join(identifier(name) for name in self.open.columns)
        cells = ", ".join(f"c{number}" for number in range(len(self.open.columns)))
        database.execute("SAVEPOINT part")
        try:
            database.execute(
                f"{self.verb} INTO main.{identifier(self.table)} ({names}) "
                f"SELECT {cells} FROM stage.{stage} WHERE rowid BETWEEN {low} AND {high} ORDER BY rowid"
            )
        except sqlite3.IntegrityError as error:
            database.execute("ROLLBACK TO part")
            if low == high:
                refused.note(database, stage, low, error)
            else:
                middle = (low + high) // 2
                self._take(database, stage, low, middle, refused)
                self._take(database, stage, middle + 1, high, refused)
        except sqlite3.Error as error:
            values = {"table": self.table, "reason": str(error)}
            raise Failure(WRITE, "Rows cannot be written into %(table)s: %(reason)s", values) from error
        database.execute("RELEASE part")

    def discard(self, session: Session) -> None:
        """The transaction ends with its connection; the stage is only a file."""
        with contextlib.suppress(sqlite3.Error):
            if self.open.database is not None:
                self.open.database.close()
        if self.open.stage is not None:
            self.open.stage.unlink(missing_ok=True)
            self.open.stage.with_name(self.open.stage.name + "-journal").unlink(missing_ok=True)


@dataclass
class Refused:
    """The rows that the table did not take."""

    limit: int | None
    number: int = 0
    samples: list[Dirty] = field(default_factory=list)

    def enough(self) -> bool:
        """The job fails anyway: no use in looking for more."""
        return self.limit is not None and self.number > self.limit

    def note(self, database: sqlite3.Connection, stage: str, rowid: int, reason: sqlite3.Error) -> None:
        self.number += 1
        if len(self.samples) < SAMPLES:
            cells = database.execute(f"SELECT * FROM stage.{stage} WHERE rowid = ?", (rowid,)).fetchone()
            record = [{"index": number, "rawData": str(cell)} for number, cell in enumerate(cells) if cell is not None]
            self.samples.append(Dirty(record, str(reason), role="writer", key="exception"))


def _bytes(cell: str | int | bytes | None) -> int:
    return 0 if cell is None else len(cell) if isinstance(cell, bytes) else len(str(cell).encode())


def _storage(column: Column) -> str:
    """The type of the stage's column: SQLite's storage class for the value, so that the target's own rules apply only once."""
    return "BLOB" if column.sql_type == "BLOB" else "BIGINT" if _is_integer(column) else "VARCHAR"


def _is_integer(column: Column) -> bool:
    return column.kind is Kind.BOOL or column.sql_type in ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER")


def _stored(column: Column, name: str) -> str:
    """A date as SQLite's functions read it, with its fraction where it has one; a number of other type as its digits."""
    if column.sql_type == "BLOB":
        return name
    return f"CAST({name} AS {'BIGINT' if _is_integer(column) else 'VARCHAR'})"


def plan(arguments: Arguments) -> SqliteWriter:
    found = connections(arguments)
    connection = found[0] if found else {}
    if len(found) > 1:
        arguments.refuse("connection", "sqlitewriter here writes into one file.")
    check_names(arguments, "connection/0", connection, {"jdbcUrl", "table"})
    tables = listed(arguments, "connection/0", connection, "table")
    if found and len(tables) != 1:
        arguments.refuse("connection/0/table", "sqlitewriter here writes into one table.", code=CODES.required)
    columns = arguments.texts("column")
    if not columns:
        arguments.refuse("column", "sqlitewriter needs the parameter column.", code=CODES.required)
    return SqliteWriter(
        path=file_of(arguments, "connection/0", connection) if found else "",
        table=tables[0] if tables else "",
        columns=tuple(columns),
        before=tuple(arguments.texts("preSql")),
        after=tuple(arguments.texts("postSql")),
        verb=MODES.get(arguments.one_of("writeMode", tuple(MODES), "insert") or "", "INSERT"),
    )


PLUGIN: Plugin[SqliteWriter] = Plugin("sqlitewriter", PARAMETERS, CODES, plan)

"""sqlitereader: tables or queries of an SQLite file.

SQLite keeps a type with each value, not with a column. A column has the kind of its declaration, or of its first value where there
is none; where a value is of another kind, all kinds are looked at, and such a column is read as text.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from engines.duckdb.failure import Failure
from engines.duckdb.parameters import Arguments, Parameter, Support
from engines.duckdb.plugins import Plugin
from engines.duckdb.rows import ODD_WORD, Rows
from engines.duckdb.session import Session
from engines.duckdb.sqlite.place import CODES, EXECUTE, attach, check_names, connect, connections, file_of, listed
from engines.duckdb.types import Column, Kind, identifier, literal

PARAMETERS = (
    Parameter("column", note='Names, constants and SQLite\'s expressions; `["*"]` for all.'),
    Parameter("connection", note="`jdbcUrl` (`jdbc:sqlite:FILE`) with `table` or `querySql`."),
    Parameter("where", note="SQL of SQLite."),
    Parameter("username", Support.UNNEEDED, "SQLite has no users."),
    Parameter("password", Support.UNNEEDED, "SQLite has no users."),
    Parameter("splitPk", Support.UNNEEDED, "One file is read by one reader."),
    Parameter("fetchSize", Support.UNNEEDED, "Buffers do not change what is read."),
)

ALIAS = "source_file"
ODD = f"error({literal(ODD_WORD)})"
# SQLite's own rule: the first of these words in a column's declared type decides.
DECLARED = (
    (("INT",), Kind.LONG),
    (("CHAR", "CLOB", "TEXT"), Kind.STRING),
    (("BLOB",), Kind.BYTES),
    (("REAL", "FLOA", "DOUB", "DEC", "NUM"), Kind.DOUBLE),
    (("BOOL",), Kind.BOOL),
    (("DATE", "TIMESTAMP"), Kind.DATE),
)
# Rows that tell the kind of a column without a declaration, and the size of a row.
LOOKED_AT = 1000
BY_VALUE = {"integer": Kind.LONG, "real": Kind.DOUBLE, "blob": Kind.BYTES}


@dataclass(frozen=True, slots=True)
class SqliteSlice:
    path: str
    query: str
    declared: Mapping[str, Kind]

    @property
    def name(self) -> str:
        return self.query

    @contextmanager
    def open(self, session: Session, exact: bool) -> Iterator[Rows]:
        names, kinds, size = self._look()
        attach(session, self.path, ALIAS, ", READ_ONLY")
        cells = [f"{_text(name)} AS v{n}, typeof({name}) AS t{n}" for n, name in enumerate(_ranked(names))]
        ranked = f"WITH source({', '.join(_ranked(names))}) AS ({self.query}) SELECT {', '.join(cells)} FROM source"
        source = f"sqlite_query({literal(ALIAS)}, {literal(ranked)})"
        if exact:
            kinds = _fitting(session, source, kinds)
        made = ", ".join(
            f"CASE WHEN t{n} = 'null' THEN NULL WHEN {_fits(kind, n)} THEN {_value(kind, n)} ELSE {ODD} END AS c{n}"
            for n, kind in enumerate(kinds)
        )
        columns = tuple(_column(kind, name) for kind, name in zip(kinds, names, strict=True))
        yield Rows(f"SELECT {made} FROM {source}", columns, row_bytes=lambda: size)

    def _look(self) -> tuple[list[str], list[Kind], float]:
        """The columns, their likely kinds, and the size of a mean row, by the first rows."""
        with closing(connect(self.path, write=False)) as database:
            try:
                names = [each[0] for each in database.execute(f"SELECT * FROM ({self.query}) LIMIT 0").description]
                head = f"WITH source({', '.join(_ranked(names))}) AS (SELECT * FROM ({self.query}) LIMIT {LOOKED_AT})"
                firsts = ", ".join(
                    f"(SELECT typeof({v}) FROM source WHERE {v} IS NOT NULL LIMIT 1)" for v in _ranked(names)
                )
                size = " + ".join(f"coalesce(length({v}), 0)" for v in _ranked(names))
                *types, mean = database.execute(f"{head} SELECT {firsts}, (SELECT avg({size}) FROM source)").fetchone()
            except sqlite3.Error as error:
                raise Failure(EXECUTE, "%(query)s: %(reason)s", {"query": self.query, "reason": str(error)}) from error
        kinds = [
            self.declared.get(name.lower()) or BY_VALUE.get(each, Kind.STRING)
            for name, each in zip(names, types, strict=True)
        ]
        return names, kinds, mean or 0.0


def _fitting(session: Session, source: str, kinds: Sequence[Kind]) -> list[Kind]:
    """Text for every column that has a value which is not of its kind."""
    checks = ", ".join(f"coalesce(bool_and(t{n} = 'null' OR ({_fits(kind, n)})), true)" for n, kind in enumerate(kinds))
    found = session.db.execute(f"SELECT {checks} FROM {source}").fetchall()[0]
    return [kind if fits else Kind.STRING for kind, fits in zip(kinds, found, strict=True)]


def _ranked(names: Sequence[str]) -> list[str]:
    return [f"v{number}" for number in range(len(names))]


def _text(name: str) -> str:
    """SQLite's SQL for a value as text: of a real number more digits than count, as SQLite rounds the last ones wrongly."""
    return f"CASE typeof({name}) WHEN 'blob' THEN hex({name}) WHEN 'real' THEN printf('%!.20g', {name}) ELSE CAST({name} AS TEXT) END"


def _fits(kind: Kind, number: int) -> str:
    """DuckDB's SQL: the value is of the kind; `t` tells how SQLite keeps it."""
    v, t = f"v{number}", f"t{number}"
    fits = {
        Kind.LONG: f"{t} = 'integer'",
        Kind.DOUBLE: f"{t} IN ('real', 'integer')",
        Kind.BYTES: f"{t} = 'blob'",
        Kind.BOOL: f"{t} = 'integer' AND {v} IN ('0', '1')",
        Kind.DATE: f"{t} = 'text' AND TRY_CAST({v} AS TIMESTAMP) IS NOT NULL",
    }
    return fits.get(kind, "true")


def _value(kind: Kind, number: int) -> str:
    v, t = f"v{number}", f"t{number}"
    # The shortest digits that mean the number.
    digits = f"CASE WHEN {t} = 'real' THEN CAST(CAST({v} AS DOUBLE) AS VARCHAR) ELSE {v} END"
    values = {
        Kind.LONG: f"CAST({v} AS BIGINT)",
        Kind.DOUBLE: digits,
        Kind.BYTES: f"unhex({v})",
        Kind.BOOL: f"{v} = '1'",
        Kind.DATE: f"TRY_CAST({v} AS TIMESTAMP)",
    }
    # Bytes in a column of texts are shown as text where they are one, else as their hexadecimal digits.
    return values.get(kind, f"CASE WHEN {t} = 'blob' THEN coalesce(TRY(decode(unhex({v}))), {v}) ELSE {digits} END")


def _column(kind: Kind, name: str) -> Column:
    types = {Kind.LONG: "BIGINT", Kind.BYTES: "BLOB", Kind.BOOL: "BOOLEAN", Kind.DATE: "TIMESTAMP"}
    return Column(kind, types.get(kind, "VARCHAR"), name=name)


@dataclass(frozen=True, slots=True)
class Source:
    """One connection of the job."""

    path: str
    tables: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SqliteReader:
    sources: tuple[Source, ...]
    columns: tuple[str, ...]
    where: str

    def slices(self, session: Session, channels: int) -> Sequence[SqliteSlice]:
        found = [SqliteSlice(source.path, query, {}) for source in self.sources for query in source.queries]
        return found + [self._table(source.path, table) for source in self.sources for table in source.tables]

    def _table(self, path: str, table: str) -> SqliteSlice:
        with closing(connect(path, write=False)) as database:
            described = database.execute(f"PRAGMA table_info({identifier(table)})").fetchall()
        if not described:
            raise Failure(EXECUTE, "There is no table %(table)s in %(path)s.", {"table": table, "path": path})
        chosen = (
            ", ".join(identifier(each[1]) for each in described) if self.columns == ("*",) else ", ".join(self.columns)
        )
        where = f" WHERE {self.where}" if self.where else ""
        declared = {each[1].lower(): kind for each in described if (kind := _declared(each[2])) is not None}
        return SqliteSlice(path, f"SELECT {chosen} FROM {identifier(table)}{where}", declared)


def _declared(words: str) -> Kind | None:
    return next((kind for marks, kind in DECLARED if any(mark in words.upper() for mark in marks)), None)


def plan(arguments: Arguments) -> SqliteReader:
    sources = [_source(arguments, number, each) for number, each in enumerate(connections(arguments))]
    columns = arguments.texts("column")
    if not columns and any(source.tables for source in sources):
        arguments.refuse("column", "sqlitereader needs the parameter column.", code=CODES.required)
    return SqliteReader(tuple(sources), tuple(columns), (arguments.text("where") or "").strip())


def _source(arguments: Arguments, number: int, connection: Mapping[str, Any]) -> Source:
    place = f"connection/{number}"
    check_names(arguments, place, connection, {"jdbcUrl", "table", "querySql"})
    tables = listed(arguments, place, connection, "table")
    queries = [query.strip().rstrip(";") for query in listed(arguments, place, connection, "querySql")]
    if bool(tables) == bool(queries):
        arguments.refuse(place, "A connection has either table or querySql.", code="DBUtilErrorCode-08")
    return Source(file_of(arguments, place, connection), tuple(tables), tuple(queries))


PLUGIN: Plugin[SqliteReader] = Plugin("sqlitereader", PARAMETERS, CODES, plan)

"""rdbmsreader, and what postgresqlreader and mysqlreader share with it: tables or queries of a database."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from engines.duckdb.failure import Failure
from engines.duckdb.parameters import Arguments, Parameter, Support
from engines.duckdb.plugins import Plugin, Reader
from engines.duckdb.rdbms import codes, connections, split
from engines.duckdb.rdbms.connections import Place
from engines.duckdb.rdbms.fed import fed
from engines.duckdb.rdbms.mysql import MySQL
from engines.duckdb.rdbms.source import Database, Described
from engines.duckdb.rdbms.tables import expand
from engines.duckdb.readers import sqlite
from engines.duckdb.rows import Rows
from engines.duckdb.session import Session
from engines.duckdb.types import Column, Kind

PARAMETERS = (
    Parameter("username"),
    Parameter("password"),
    Parameter("connection", note="`jdbcUrl` (a list: the first that answers), and `table` or `querySql`, each a list."),
    Parameter("column", note='Names, constants and expressions, evaluated by the database; `["*"]`: all.'),
    Parameter("where"),
    Parameter(
        "splitPk",
        note="One whole-number or text column: the table is read in ranges, at the same time where the rows go into files.",
    ),
    Parameter("fetchSize", Support.UNNEEDED, "Rows are streamed, whatever the size."),
    Parameter(
        "splitFactor",
        Support.UNNEEDED,
        "As many ranges are read at the same time as there are channels and processors.",
    ),
    Parameter("mandatoryEncoding", note="UTF-8 only; as in DataX, a NULL text is then an empty one."),
)
SESSION = Parameter("session", note="Statements that each connection begins with.")
NO_SESSION = Parameter("session", Support.UNNEEDED, "DataX runs them on MySQL, Oracle and SQL Server alone.")
CHECK_SLAVE = Parameter("checkSlave", Support.REFUSED, "ask a server that is up to date.")
HINT = Parameter("hint", Support.UNNEEDED, "DataX gives hints to Oracle alone.")
# Each range is a query of its own, and without an index a look at the whole table.
MOST_RANGES = min(os.cpu_count() or 1, 8)
USUAL = {"zeroDateTimeBehavior": "converttonull", "tinyInt1isBit": "false", "yearIsDateType": "false"}


@dataclass(frozen=True, slots=True)
class DatabaseReader:
    places: tuple[Place, ...]
    queries: tuple[tuple[str, ...], ...]
    tables: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    where: str | None
    split_key: str | None
    session: tuple[str, ...]
    blank_nulls: bool

    def slices(self, session: Session, channels: int) -> Sequence["DatabaseSlice"]:
        found: list[DatabaseSlice] = []
        for place, queries, tables in zip(self.places, self.queries, self.tables, strict=True):
            database, connection = place.open()
            try:
                self._run_session(database, connection)
                parts = max(min(-(-channels // max(len(tables), 1)), MOST_RANGES), 1)
                found += [self._query(database, connection, query) for query in queries]
                found += [self._table(database, connection, table, parts) for table in tables]
            finally:
                connection.close()
        return found

    def _run_session(self, database: Database, connection: Any) -> None:
        for statement in self.session:
            connections.run(database, connection, statement, codes.SESSION)

    def _query(self, database: Database, connection: Any, query: str) -> "DatabaseSlice":
        described = database.describe(connection, query)
        return DatabaseSlice("querySql", database, query, (query,), tuple(described), self.session, self.blank_nulls)

    def _table(self, database: Database, connection: Any, table: str, parts: int) -> "DatabaseSlice":
        selected, described = self._selected(database, connection, table)
        query = f"select {selected} from {table}"
        conditions = [f"({self.where})"] if self.where else []
        ranges = [""]
        if self.split_key:
            ranges = split.ranges(database, connection, table, self.split_key, self.where, parts)
        queries = [_where(query, [*conditions, *filter(None, [each])]) for each in ranges]
        return DatabaseSlice(
            table, database, _where(query, conditions), tuple(queries), tuple(described), self.session, self.blank_nulls
        )

    def _selected(self, database: Database, connection: Any, table: str) -> tuple[str, Sequence[Described]]:
        """The list of columns. Where each entry is one column it gets a name of its own, so that none is there twice."""
        selected = ",".join(self.columns)
        named = ",".join(f"{column} AS c{number}" for number, column in enumerate(self.columns))
        if self.columns != ("*",):
            try:
                query = _where(f"select {named} from {table}", [f"({self.where})"] if self.where else [])
                return named, database.describe(connection, query)
            except Failure:
                # An entry of several columns, or of a name already given: DataX pastes the list as it is, and so do we.
                pass
        query = _where(f"select {selected} from {table}", [f"({self.where})"] if self.where else [])
        return selected, database.describe(connection, query)


def _where(query: str, conditions: Sequence[str]) -> str:
    return f"{query} where {' and '.join(conditions)}" if conditions else query


@dataclass(frozen=True, slots=True)
class DatabaseSlice:
    """What one query gives, or the ranges of one table, read at the same time. `whole` is all of it in one query."""

    name: str
    database: Database
    whole: str
    queries: tuple[str, ...]
    described: tuple[Described, ...]
    session: tuple[str, ...]
    blank_nulls: bool

    @contextmanager
    def open(self, session: Session, exact: bool) -> Iterator[Rows]:
        part = replace(self, queries=(self.whole,)) if session.one_stream else self
        with part._open(session, exact) as rows:
            yield rows

    @contextmanager
    def _open(self, session: Session, exact: bool) -> Iterator[Rows]:
        if isinstance(self.database, MySQL) and (self.session or self.database.session_variables() or self._ambiguous):
            with ExitStack() as stack:
                selects = [
                    stack.enter_context(fed(session, self.database, query, self.described, self.session))
                    for query in self.queries
                ]
                yield self._given(" UNION ALL ".join(selects))
            return
        try:
            self.database.attach(session)
            # A thread without a range to read would spin until the others are through.
            session.work_in(len(self.queries))
            # The order of ranges means nothing, and keeping it would keep all but the first in memory.
            session.db.execute(f"SET preserve_insertion_order = {'false' if len(self.queries) > 1 else 'true'}")
            yield self._rows(session, self.database.with_real_dates(self.described) if exact else self.described)
        finally:
            session.db.execute("RESET preserve_insertion_order")

    @property
    def _ambiguous(self) -> bool:
        """Whether two columns have one name, which DuckDB's scanner of MySQL does not take."""
        names = {each.name.lower() for each in self.described}
        return len(names) < len(self.described)

    def _rows(self, session: Session, described: Sequence[Described]) -> Rows:
        scans = [self.database.scan(self.database.wrapped(query, described)) for query in self.queries]
        given = [row[1] for row in session.db.execute(f"DESCRIBE SELECT * FROM {scans[0]}").fetchall()]
        names = ", ".join(f"c{number}" for number in range(len(given)))
        cells = ", ".join(self._cell(number, type_) for number, type_ in enumerate(given))
        selects = [f"SELECT {cells} FROM {scan} AS q({names})" for scan in scans]
        return self._given(" UNION ALL ".join(selects))

    def _given(self, select: str) -> Rows:
        columns = tuple(replace(each.column, name=each.name) for each in self.described)
        if self.blank_nulls:
            cells = [
                f"coalesce(c{n}, '') AS c{n}" if each.kind is Kind.STRING else f"c{n}" for n, each in enumerate(columns)
            ]
            select = f"SELECT {', '.join(cells)} FROM ({select}) AS given"
        return Rows(
            select,
            columns,
            row_bytes=lambda: 8.0 * len(columns),
            origin=None if self.blank_nulls else self,
        )

    def _cell(self, number: int, given: str) -> str:
        """One column in the type that it is to have; DuckDB's scanners take some texts for bytes."""
        return f"{_converted(self.described[number].column, f'c{number}', given)} AS c{number}"


def _converted(column: Column, name: str, given: str) -> str:
    if column.sql_type == "VARCHAR" and given in ("FLOAT", "DOUBLE"):
        return f"datax_floating(CAST({name} AS VARCHAR))"
    if column.sql_type == "VARCHAR" and given != "VARCHAR":
        return f"decode({name})" if given == "BLOB" else f"CAST({name} AS VARCHAR)"
    return f"encode({name})" if column.sql_type == "BLOB" and given == "VARCHAR" else name


def plan_for(arguments: Arguments, kinds: Sequence[str]) -> DatabaseReader:
    login = connections.login(arguments)
    places, tables, queries = [], [], []
    for number, each in connections.entries(arguments, {"jdbcUrl", "table", "querySql"}):
        path = f"connection/{number}"
        places.append(Place(connections.addresses(arguments, each, path, kinds), login))
        tables.append(tuple(expand(connections.texts(arguments, each, "table", path))))
        queries.append(tuple(connections.texts(arguments, each, "querySql", path)))
        _check_source(arguments, path, tables[-1], queries[-1], codes.MISSING if "table" not in each else codes.ILLEGAL)
    if any(tables) and any(queries) and not any(one and other for one, other in zip(tables, queries, strict=True)):
        arguments.refuse("connection", "The connections must all name table, or all querySql.", code=codes.MIXED)
    encoding = (arguments.text("mandatoryEncoding") or "").strip()
    if encoding and encoding.lower().replace("-", "") not in ("utf8", "utf8mb4"):
        arguments.refuse(
            "mandatoryEncoding", "This engine reads texts as UTF-8; with another encoding use the engine datax."
        )
    by_table = any(tables)
    return DatabaseReader(
        tuple(places),
        tuple(tuple(query.strip().rstrip(";") for query in each) for each in queries),
        tuple(tables),
        _columns(arguments) if by_table else ("*",),
        _condition(arguments) if by_table else None,
        (arguments.text("splitPk") or "").strip() or None if by_table else None,
        tuple(arguments.texts("session")) if "mysql" in kinds else (),
        bool(encoding),
    )


def _check_source(arguments: Arguments, path: str, tables: Sequence[str], queries: Sequence[str], missing: str) -> None:
    if not tables and not queries:
        arguments.refuse(path, "The connection must name table or querySql.", code=missing)
    if tables and queries:
        arguments.refuse(path, "The connection must not name both table and querySql.", code=codes.MIXED)


def _columns(arguments: Arguments) -> tuple[str, ...]:
    """As DataX reads them: an entry is pasted into the SELECT as it stands."""
    raw = arguments.raw("column")
    columns = [raw] if isinstance(raw, str) else raw if isinstance(raw, list) else []
    if not columns:
        arguments.refuse("column", '%(plugin)s needs column: the names of the columns, or ["*"].', code=codes.REQUIRED)
    words = [_column(each) for each in columns]
    if "*" in words and len(words) > 1:
        arguments.refuse("column", "column must hold * alone or not at all.", code=codes.ILLEGAL)
    return tuple(words)


def _column(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _condition(arguments: Arguments) -> str | None:
    where = (arguments.text("where") or "").strip()
    return where[:-1].strip() if where.endswith((";", "；")) else where or None


def plan(arguments: Arguments) -> Reader:
    arguments.number("fetchSize", 1, 1, codes.REQUIRED)
    if connections.all_of(arguments, "jdbc:sqlite:"):
        return sqlite.plan(arguments)
    planned = plan_for(arguments, ("postgresql", "mysql"))
    for address in (address for place in planned.places for address in place.addresses if address.kind == "mysql"):
        _check_meaning(arguments, address.options)
    return planned


def _check_meaning(arguments: Arguments, options: Mapping[str, str]) -> None:
    """mysqlreader has these from DataX, whatever the URL says; here the URL would count, and only their usual meaning is done."""
    for name, usual in USUAL.items():
        if options.get(name, usual).lower().replace("_", "") != usual:
            template = "jdbcUrl's %(option)s can only be %(usual)s here; with another value use the engine datax."
            arguments.refuse("connection", template, {"option": name, "usual": usual}, codes.CONFIG)


PLUGIN: Plugin[Reader] = Plugin("rdbmsreader", (*PARAMETERS, SESSION, HINT), codes.CODES, plan)

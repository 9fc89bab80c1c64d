"""rdbmswriter, and what postgresqlwriter and mysqlwriter share with it: rows into tables of a database."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from engines.duckdb.failure import Failure
from engines.duckdb.pace import Quoted
from engines.duckdb.parameters import Arguments, Parameter, Support
from engines.duckdb.pipe import draining, path_of
from engines.duckdb.plugins import Plugin, Writer
from engines.duckdb.rdbms import binary, cells, codes, connections, mysql_load, passing, postgresql_load
from engines.duckdb.rdbms.bulk import NULL, Bad, Loader, TooManyBad
from engines.duckdb.rdbms.cells import Rules, Target
from engines.duckdb.rdbms.chunks import CHUNK_BYTES, PACED_BYTES, Loading
from engines.duckdb.rdbms.connections import Place
from engines.duckdb.rdbms.mysql import MySQL
from engines.duckdb.rdbms.postgresql import PostgreSQL
from engines.duckdb.rdbms.source import Database
from engines.duckdb.rdbms.tables import expand
from engines.duckdb.rdbms.turns import Turns
from engines.duckdb.rows import Again, Counted
from engines.duckdb.session import Session
from engines.duckdb.types import literal
from engines.duckdb.writers import sqlite

PARAMETERS = (
    Parameter("username"),
    Parameter("password"),
    Parameter("connection", note="`jdbcUrl`, and `table`, a list; with several tables there is one for each task."),
    Parameter("column", note="The target's columns in the order of the source's; `[\"*\"]`: all."),
    Parameter("preSql", note="Statements to run first; `@table` is the table."),
    Parameter("postSql", note="Statements to run after all rows have arrived."),
    Parameter("batchSize", note="Rows go in larger batches where that is faster; each is whole or not there at all."),
    Parameter("batchByteSize", Support.UNNEEDED, "Batches have a few megabytes."),
    Parameter("emptyAsNull", note="Default true: an empty text for a number is NULL."),
)
SESSION = Parameter("session", note="Statements that each connection begins with.")
NO_SESSION = Parameter("session", Support.UNNEEDED, "DataX runs them on MySQL, Oracle and SQL Server alone.")
WRITE_MODE = Parameter("writeMode", note="insert (default), insert ignore, replace, update.")
NO_WRITE_MODE = Parameter("writeMode", note="Refused, as by DataX: rows are only inserted.")
# Loaders at the same time: the server has as much to do as this process.
MOST_LOADERS = 2


@dataclass(frozen=True, slots=True)
class Table:
    place: Place
    name: str


@dataclass
class State:
    """What a run opens, and the thread that it runs in. `refused`: PostgreSQL's own form has met a row that it cannot bring in."""

    targets: dict[int, list[Target]] = field(default_factory=dict)
    databases: dict[Place, tuple[Database, Any]] = field(default_factory=dict)
    handled: dict[int, int] = field(default_factory=dict)
    refused: bool = False
    thread: int = 0


@dataclass(frozen=True)
class DatabaseWriter:
    tables: tuple[Table, ...]
    columns: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    session: tuple[str, ...]
    mode: str
    empty_as_null: bool
    state: State = field(default_factory=State, compare=False, repr=False)

    attached: ClassVar[bool] = False
    restartable: ClassVar[bool] = True

    def prepare(self, session: Session, slices: int) -> None:
        if len(self.tables) not in (1, slices):
            template = "The job writes to %(tables)s tables but reads in %(slices)s parts: as many tables as parts, or one, are needed."
            raise Failure(codes.CONFIG, template, {"tables": len(self.tables), "slices": slices})
        self.state.thread = threading.get_ident()
        session.one_stream = True
        for number, table in enumerate(self.tables):
            database, connection = self._opened(session, table.place)
            self.state.targets[number] = self._targets(database, connection, table.name)
        for table in self.tables:
            self._run(session, table, self.before)

    def _opened(self, session: Session, place: Place) -> tuple[Database, Any]:
        found = self.state.databases.get(place)
        if found is None:
            database, connection = found = self.state.databases[place] = place.open()
            session.at_stop[place] = lambda: database.cancel(connection)
            for statement in self.session:
                connections.run(*found, statement, codes.SESSION)
        return found

    def _targets(self, database: Database, connection: Any, table: str) -> list[Target]:
        if isinstance(database, PostgreSQL):
            every = postgresql_load.targets(database, connection, table, ["*"])
        else:
            assert isinstance(database, MySQL)
            every = mysql_load.targets(database, connection, table, ["*"])
        if self.columns == ("*",):
            return every
        if len(self.columns) > len(every):
            template = "The table %(table)s has %(every)s columns, the job names %(named)s."
            raise Failure(codes.ILLEGAL, template, {"table": table, "every": len(every), "named": len(self.columns)})
        if isinstance(database, PostgreSQL):
            return postgresql_load.targets(database, connection, table, list(self.columns))
        return mysql_load.targets(database, connection, table, list(self.columns))

    def _run(self, session: Session, table: Table, statements: Sequence[str]) -> None:
        database, connection = self._opened(session, table.place)
        for statement in statements:
            connections.run(database, connection, statement.replace("@table", table.name))

    def write(self, session: Session, rows: Counted, number: int) -> None:
        position = number if len(self.tables) > 1 else 0
        table, targets = self.tables[position], self.state.targets[position]
        _check_width(rows, targets)
        database, connection = self._opened(session, table.place)
        limit = session.setting.error_records
        bad = Bad(rows.columns, _quote(database), None if limit is None else limit - session.finished.failed)
        try:
            if isinstance(database, PostgreSQL):
                self._write_postgresql(session, rows, table, targets, connection, bad)
            else:
                assert isinstance(database, MySQL)
                self._write_mysql(session, self._rest(rows, number), table, targets, database, bad, number)
        except Exception as error:
            # What PostgreSQL has taken of an attempt goes with it; what MySQL has, stays.
            if isinstance(database, MySQL) or isinstance(error, TooManyBad):
                _report(session, bad)
            raise
        _report(session, bad)

    def _write_postgresql(
        self, session: Session, rows: Counted, table: Table, targets: list[Target], connection: Any, bad: Bad
    ) -> None:
        """In the transaction of the whole job; a second attempt takes back the first."""
        cursor = connection.cursor()
        if connection.autocommit:
            connection.autocommit = False
        cursor.execute("SAVEPOINT datax_slice")
        names = [_quoted(target) for target in targets]
        try:
            if not self._in_own_form(session, rows, table, targets, connection, names):
                loader = postgresql_load.PostgresLoader(connection, table.name, names, bad)
                self._stream(session, rows, targets, cells.POSTGRESQL, [loader])
        except BaseException as error:
            if isinstance(error, Again):
                self.state.refused = True
            if not connection.closed:
                cursor.execute("ROLLBACK TO SAVEPOINT datax_slice")
            raise
        cursor.execute("RELEASE SAVEPOINT datax_slice")

    def _in_own_form(
        self, session: Session, rows: Counted, table: Table, targets: list[Target], connection: Any, names: list[str]
    ) -> bool:
        """Whether the rows have gone in by PostgreSQL's binary form, which is fast, but takes all or none."""
        if self.state.refused or session.pace:
            return False
        if passing.possible(rows, targets):
            passing.copy(session, rows.origin, connection, table.name, names)
            return True
        values = binary.select(rows, targets)
        if values is None:
            return False
        binary.copy(session, values, connection, table.name, names)
        return True

    def _write_mysql(
        self,
        session: Session,
        rows: Counted,
        table: Table,
        targets: list[Target],
        database: MySQL,
        bad: Bad,
        number: int,
    ) -> None:
        """Chunk by chunk for good, in their order, so what is handled is always the beginning of the slice."""
        turns = Turns()
        loaders = [
            mysql_load.MySQLLoader(database, table.name, targets, self.mode, bad, self.session, turns)
            for _ in range(self._loaders(session, table))
        ]
        try:
            self._stream(session, rows, targets, cells.MYSQL, loaders)
        finally:
            for loader in loaders:
                self.state.handled[number] = self.state.handled.get(number, 0) + loader.handled
                loader.close()

    def _loaders(self, session: Session, table: Table) -> int:
        """One where more would gain nothing, or where one channel is to number the rows in their order."""
        _, connection = self._opened(session, table.place)
        if self.mode == "update" or session.pace:
            return 1
        if session.setting.channels == 1 and mysql_load.numbered(connection, table.name):
            return 1
        return min(MOST_LOADERS, os.cpu_count() or 1)

    def _rest(self, rows: Counted, number: int) -> Counted:
        """The rows that an earlier attempt at the slice has not handled."""
        handled = self.state.handled.get(number, 0)
        return replace(rows, select=f"SELECT * FROM ({rows.select}) AS passed OFFSET {handled}") if handled else rows

    def _stream(
        self, session: Session, rows: Counted, targets: list[Target], rules: Rules, loaders: Sequence[Loader]
    ) -> None:
        quote = loaders[0].quote
        size = PACED_BYTES if session.pace else CHUNK_BYTES
        loading = Loading([loader.load for loader in loaders], quote, size)
        statement = _csv(rows, targets, replace(rules, empty_as_null=self.empty_as_null), quote.decode())
        try:
            with draining(session.pacing(loading.take, Quoted(quote)), wide=session.pace is None) as descriptor:
                session.db.execute(statement % {"path": literal(path_of(descriptor))})
        except BaseException:
            loading.abort()
            raise
        loading.finish()

    def publish(self, session: Session) -> None:
        for database, connection in self.state.databases.values():
            if isinstance(database, PostgreSQL) and not connection.autocommit:
                _commit(database, connection)
        for table in self.tables:
            self._run(session, table, self.after)
        self.discard(session)

    def discard(self, session: Session) -> None:
        """What is not committed ends with the connections, which only the run's own thread may close."""
        if self.state.thread != threading.get_ident():
            return
        for _, connection in self.state.databases.values():
            connection.close()
        self.state.databases.clear()


def _report(session: Session, bad: Bad) -> None:
    if bad.number:
        session.writer_failed(bad.number, bad.samples)


def _commit(database: PostgreSQL, connection: Any) -> None:
    try:
        connection.commit()
    except Exception as error:
        failure = database.failure("COMMIT", error)
        failure.code = codes.WRITE
        raise failure from error
    connection.autocommit = True


def _quote(database: Database) -> str:
    return postgresql_load.QUOTE if isinstance(database, PostgreSQL) else mysql_load.QUOTE


def _quoted(target: Target) -> str:
    return '"' + target.name.replace('"', '""') + '"'


def _check_width(rows: Counted, targets: Sequence[Target]) -> None:
    if len(rows.columns) != len(targets) and not (rows.ragged and len(rows.columns) > len(targets)):
        raise _wrong_width(len(rows.columns), len(targets))


def _wrong_width(given: int, taken: int) -> Failure:
    template = "The source gives %(given)s columns, the target takes %(taken)s: name as many columns on both sides."
    return Failure(codes.CONFIG, template, {"given": given, "taken": taken})


def _csv(rows: Counted, targets: Sequence[Target], rules: Rules, quote: str) -> str:
    """DuckDB's statement; `%(path)s` in it is where to write."""
    made = [
        cells.cell(column, f"c{number}", target, rules)
        for number, (column, target) in enumerate(zip(rows.columns, targets, strict=False))
    ]
    selected = ", ".join(f"{each.sql} AS c{number}" for number, each in enumerate(made))
    select = f"SELECT {selected} FROM ({rows.select}) AS passed"
    if rows.ragged:
        select += f" WHERE CASE WHEN width = {len(targets)} THEN true ELSE error('datax: width ' || width) END"
    forced = ", ".join(f"c{number}" for number, each in enumerate(made) if each.quoted)
    force = f"FORCE_QUOTE ({forced}), " if forced else ""
    options = f"FORMAT csv, HEADER false, {force}QUOTE {literal(quote)}, ESCAPE {literal(quote)}, NULLSTR '{NULL}', USE_TMP_FILE false"
    return f"COPY ({select}) TO ".replace("%", "%%") + "%(path)s" + f" ({options})"


def plan_for(arguments: Arguments, kinds: Sequence[str], mode: str = "insert") -> DatabaseWriter:
    login = connections.login(arguments)
    tables: list[Table] = []
    for number, each in connections.entries(arguments, {"jdbcUrl", "table"}):
        path = f"connection/{number}"
        place = Place(connections.addresses(arguments, each, path, kinds), login)
        names = expand(connections.texts(arguments, each, "table", path))
        if not names:
            arguments.refuse(f"{path}/table", "The connection must name table.", code=codes.REQUIRED)
        tables += [Table(place, name) for name in names]
    arguments.number("batchSize", 2048, 1)
    arguments.number("batchByteSize", 1, 1)
    return DatabaseWriter(
        tuple(tables),
        _columns(arguments),
        _statements(arguments, "preSql"),
        _statements(arguments, "postSql"),
        tuple(arguments.texts("session")) if "mysql" in kinds else (),
        mode,
        arguments.flag("emptyAsNull", True),
    )


def insert_only(arguments: Arguments) -> None:
    if arguments.raw("writeMode") is not None:
        arguments.refuse("writeMode", "%(plugin)s only inserts: remove %(name)s.", code=codes.CONFIG)


def _columns(arguments: Arguments) -> tuple[str, ...]:
    columns = arguments.texts("column")
    if not columns:
        arguments.refuse("column", '%(plugin)s needs column: the names of the columns, or ["*"].', code=codes.ILLEGAL)
    lower = [column.strip().lower() for column in columns]
    twice = sorted({column for column in lower if lower.count(column) > 1})
    if twice:
        arguments.refuse(
            "column", "column names %(twice)s more than once.", {"twice": ", ".join(twice)}, codes.DOCUMENT
        )
    return tuple(columns)


def _statements(arguments: Arguments, name: str) -> tuple[str, ...]:
    return tuple(each for each in arguments.texts(name) if each.strip())


def plan(arguments: Arguments) -> Writer:
    insert_only(arguments)
    if connections.all_of(arguments, "jdbc:sqlite:"):
        return sqlite.plan(arguments)
    return plan_for(arguments, ("postgresql", "mysql"))


PLUGIN: Plugin[Writer] = Plugin("rdbmswriter", (*PARAMETERS, SESSION, NO_WRITE_MODE), codes.CODES, plan)

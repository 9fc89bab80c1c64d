"""MySQL and MariaDB: connections, and what their types become."""

import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engines.duckdb.failure import Failure
from engines.duckdb.rdbms import codes
from engines.duckdb.rdbms.jdbc import Address
from engines.duckdb.rdbms.source import CANCEL_SECONDS, NUMBER_TEXT, Described, Login, load
from engines.duckdb.types import Column, DatePart, Kind, literal

if TYPE_CHECKING:
    from engines.duckdb.session import Session

# By this comment the queries of this process are found in the server's list.
_MARK = f"datax {secrets.token_hex(8)}"
_BINARY_CHARSET = 63
_UNSIGNED = 32
_DUPLICATE_NAME = 1060
_TEXT = "CAST({} AS CHAR)"
_INTEGERS = {1: "TINYINT", 2: "SMALLINT", 3: "INTEGER", 8: "BIGINT", 9: "INTEGER"}
_TYPES = {
    # As text: DuckDB takes long over a wide decimal, and has none of more than 38 digits.
    0: Described("", Column(Kind.DOUBLE), _TEXT),
    246: Described("", Column(Kind.DOUBLE), _TEXT),
    # MySQL itself shows six digits of a FLOAT and hides the rest.
    4: Described("", Column(Kind.DOUBLE)),
    # The server takes longer to write one than DuckDB does; where its type fixes the decimals, only the server knows them.
    5: Described("", Column(Kind.DOUBLE)),
    7: Described("", Column(Kind.DATE, "TIMESTAMP")),
    10: Described("", Column(Kind.DATE, "DATE", DatePart.DATE)),
    11: Described("", Column(Kind.DATE, "VARCHAR", DatePart.TIME)),
    12: Described("", Column(Kind.DATE, "TIMESTAMP")),
    13: Described("", Column(Kind.LONG, "INTEGER")),
    255: Described("", Column(Kind.BYTES, "BLOB")),
}
# A day or month of 0 counts backwards from the first, as Java reads it; a date of zeros alone is none.
_REAL_DAY = "MAKEDATE(YEAR({0}), 1) + INTERVAL CAST(MONTH({0}) AS SIGNED) - 1 MONTH + INTERVAL CAST(DAYOFMONTH({0}) AS SIGNED) - 1 DAY"
_REAL = "IF(MONTH({0}) = 0 OR DAYOFMONTH({0}) = 0, IF(YEAR({0}) = 0, NULL, %s), {0})"
_REAL_DATES = {10: _REAL % _REAL_DAY, 12: _REAL % f"TIMESTAMP({_REAL_DAY}, TIME({{0}}))"}
_BIT = 16
_FLOATS, _NOT_FIXED = (4, 5), 31
_MODES = {"prefer": "preferred", "disable": "disabled", "require": "required", "verify-ca": "verify_ca"}
_MODES |= {"verify-full": "verify_identity", "allow": "preferred"}
_ORDERED = re.compile(r"\border\s+by\b", re.IGNORECASE)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class MySQL:
    address: Address
    login: Login

    def connect(self, connection_class: Any = None, **options: Any) -> Any:
        """Each host in turn. Java's driver makes the server strict, so that no value is cut without a word."""
        import pymysql

        for number, (host, port) in enumerate(self.address.hosts, 1):
            try:
                connection = (connection_class or pymysql.connections.Connection)(
                    **self._arguments(host, port), **options
                )
            except pymysql.Error as error:
                if number == len(self.address.hosts):
                    code = codes.mysql_connect_code(_number(error))
                    raise codes.connect_failure(code, self.address.shown, self.login.user, _words(error)) from error
            else:
                self._prepare(connection)
                return connection
        raise AssertionError("an address has at least one host")

    def _arguments(self, host: str, port: int) -> dict[str, Any]:
        address = self.address
        return {
            "host": host,
            "port": port,
            "user": self.login.user,
            # As bytes of UTF-8, as the server knows it; text would go out in Latin-1.
            "password": self.login.password.encode(),
            "database": address.database,
            "charset": "utf8mb4",
            "autocommit": True,
            "connect_timeout": address.connect_timeout,
            # A server that accepts and then says nothing must not hold us either.
            "read_timeout": address.connect_timeout,
            "write_timeout": address.socket_timeout,
            **self._tls(host),
        }

    def _tls(self, host: str) -> dict[str, Any]:
        tls = self.address.tls
        if tls.mode == "disable" or (tls.mode in ("prefer", "allow") and host in _LOOPBACK):
            return {"ssl_disabled": True}
        if tls.mode in ("prefer", "allow"):
            return {}
        import ssl

        context = ssl.create_default_context(cafile=tls.ca)
        context.check_hostname = tls.mode == "verify-full"
        if tls.mode == "require":
            context.verify_mode = ssl.CERT_NONE
        return {"ssl": context}

    def _prepare(self, connection: Any) -> None:
        connection._read_timeout = self.address.socket_timeout
        with connection.cursor() as cursor:
            if self.address.options.get("jdbcCompliantTruncation", "true").lower() != "false":
                cursor.execute("SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')")
            for statement in self.session_variables():
                cursor.execute(statement)

    def session_variables(self) -> list[str]:
        variables = self.address.options.get("sessionVariables", "")
        return [f"SET SESSION {variables}"] if variables.strip() else []

    def describe(self, connection: Any, query: str) -> Sequence[Described]:
        import pymysql

        cursor = connection.cursor()
        try:
            cursor.execute(f"SELECT * FROM ({query}\n) AS q LIMIT 0")
        except pymysql.Error as error:
            if _number(error) == _DUPLICATE_NAME:
                return self._described_alone(query)
            raise self.failure(query, error) from error
        return [_described(field) for field in cursor._result.fields]

    def _described_alone(self, query: str) -> Sequence[Described]:
        """Of a query that nothing can be put around, as two of its columns have one name: it is run, for no row where it has no limit."""
        import pymysql

        connection = self.connect()
        try:
            connection.query("SET SESSION sql_select_limit = 0")
            connection.query(query, unbuffered=True)
            # Rows that it has nevertheless are left unread.
            connection._result.unbuffered_active = False
            return [_described(field) for field in connection._result.fields]
        except pymysql.Error as error:
            raise self.failure(query, error) from error
        finally:
            connection._force_close()

    def wrapped(self, query: str, described: Sequence[Described]) -> str:
        """A query in order stays as it is: around it the server would forget the order."""
        if _ORDERED.search(query):
            return query
        selected = (
            f"{each.outer.format('q.' + quoted(each.name))} AS c{number}" for number, each in enumerate(described)
        )
        return f"SELECT {', '.join(selected)} FROM ({query}\n) AS q"

    def with_real_dates(self, described: Sequence[Described]) -> Sequence[Described]:
        return [replace(each, outer=_REAL_DATES.get(each.type_id, each.outer)) for each in described]

    def attach(self, session: "Session") -> None:
        db, tls = session.db, self.address.tls
        load(session, "mysql_scanner")
        for macro in NUMBER_TEXT:
            db.execute(macro)
        db.execute("SET mysql_tinyint1_as_boolean = false")
        host, port = self._reachable()
        session.at_stop[host, port] = lambda: self._kill(host, port, f"info LIKE '%{_MARK}%'")
        mode = "disabled" if tls.mode in ("prefer", "allow") and host in _LOOPBACK else _MODES[tls.mode]
        values = {
            "HOST": host,
            "DATABASE": self.address.database,
            "USER": self.login.user,
            "PASSWORD": self.login.password,
        }
        values |= {"SSL_MODE": mode} | ({"SSL_CA": tls.ca} if tls.ca else {})
        words = ", ".join(f"{name} {literal(value)}" for name, value in values.items())
        db.execute(f"CREATE OR REPLACE TEMPORARY SECRET {self.alias} (TYPE mysql, PORT {port}, {words})")
        # Left to itself the scanner asks for compression, which costs the server twice what all else does.
        db.execute(f"ATTACH OR REPLACE 'compression=disabled' AS {self.alias} (TYPE mysql, SECRET {self.alias})")

    def _reachable(self) -> tuple[str, int]:
        """The host that answers; with several, the first that did."""
        if len(self.address.hosts) == 1:
            return self.address.hosts[0]
        connection = self.connect()
        connection.close()
        return str(connection.host), int(connection.port)

    @property
    def alias(self) -> str:
        return "datax_my"

    def scan(self, query: str) -> str:
        marked = f"{query}\n/* {_MARK} */"
        return f"mysql_query({literal(self.alias)}, {literal(marked)})"

    def cancel(self, connection: Any) -> None:
        self._kill(connection.host, connection.port, f"id = {int(connection.thread_id())}")

    def _kill(self, host: str, port: int, which: str) -> None:
        """By another connection; a server only notices that its client is gone when it has something to say."""
        import pymysql

        arguments = self._arguments(host, port)
        arguments |= {"connect_timeout": CANCEL_SECONDS, "read_timeout": CANCEL_SECONDS}
        with suppress(pymysql.Error), pymysql.connect(**arguments) as other, other.cursor() as cursor:
            cursor.execute(f"SELECT id FROM information_schema.processlist WHERE {which} AND id <> CONNECTION_ID()")
            for (number,) in cursor.fetchall():
                cursor.execute(f"KILL CONNECTION {int(number)}")

    def failure(self, statement: str, error: Exception) -> Failure:
        return codes.statement_failure(codes.mysql_query_code(_words(error)), statement, _words(error))


def _described(field: Any) -> Described:
    kind, binary = field.type_code, field.charsetnr == _BINARY_CHARSET
    if kind in _INTEGERS:
        unsigned = "U" if field.flags & _UNSIGNED else ""
        return Described(field.name, Column(Kind.LONG, unsigned + _INTEGERS[kind]))
    if kind == _BIT:
        column = Column(Kind.BOOL, "BOOLEAN") if field.length == 1 else Column(Kind.BYTES, "BLOB")
        return Described(field.name, column)
    known = _TYPES.get(kind)
    if kind in _FLOATS and field.scale != _NOT_FIXED:
        return Described(field.name, Column(Kind.DOUBLE), _TEXT)
    if known is not None:
        return Described(field.name, known.column, known.outer, kind)
    return Described(field.name, Column(Kind.BYTES, "BLOB") if binary and kind >= 249 else Column(Kind.STRING))


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _number(error: Exception) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def _words(error: Exception) -> str:
    return str(error.args[1]) if len(error.args) > 1 else str(error)

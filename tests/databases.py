"""A server that tests started, and the databases on it."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pymysql
from sqlalchemy import URL

HOST = "127.0.0.1"
USER = "datax"
# Every character that has broken a connection string, a shell line or a JSON text somewhere.
PASSWORD = "p@ss\"w'or$d\\1"


@dataclass(frozen=True)
class Server:
    """Where a server listens; what workers tell each other of it. `ca` is the certificate that signed the server's own."""

    kind: str
    port: int
    folder: str
    password: str = PASSWORD
    host: str = HOST
    ca: str | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{self.host}:{self.port}/0"

    def database(self) -> "Database":
        """A new, empty database."""
        name = f"t_{secrets.token_hex(6)}"
        create = {
            "postgresql": f'CREATE DATABASE "{name}" OWNER {USER}',
            "mysql": f"CREATE DATABASE {name} CHARSET utf8mb4",
        }
        Database(self, "postgres" if self.kind == "postgresql" else "mysql").execute(create[self.kind])
        return Database(self, name)


@dataclass(frozen=True)
class Database:
    """One database on a server, as the user that owns it."""

    server: Server
    name: str
    user: str = USER
    password: str = field(default=PASSWORD, repr=False)

    @property
    def jdbc_url(self) -> str:
        return f"jdbc:{self.server.kind}://{self.server.host}:{self.server.port}/{self.name}"

    @property
    def sqlalchemy_url(self) -> str:
        driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}[self.server.kind]
        url = URL.create(driver, self.user, self.password, self.server.host, self.server.port, self.name)
        return url.render_as_string(hide_password=False)

    def connect(self) -> Any:
        """A DB-API connection in autocommit; its caller closes it."""
        where = {"host": self.server.host, "port": self.server.port, "user": self.user, "password": self.password}
        if self.server.kind == "postgresql":
            return psycopg.connect(dbname=self.name, autocommit=True, **where)  # type: ignore[arg-type]
        return pymysql.connect(database=self.name, autocommit=True, charset="utf8mb4", **where)  # type: ignore[call-overload]

    def execute(self, *statements: str) -> None:
        connection = self.connect()
        try:
            for statement in statements:
                connection.cursor().execute(statement)
        finally:
            connection.close()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        connection = self.connect()
        try:
            cursor = connection.cursor()
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]
        finally:
            connection.close()

    def printed(self, query: str) -> list[str]:
        """Each row as `psql -At` and `mariadb -NB` print it."""
        connection = self.connect()
        try:
            if self.server.kind == "postgresql":
                return _psql_lines(connection, query)
            # Without converters every value stays the text that the server sent.
            connection.decoders = {}
            cursor = connection.cursor()
            cursor.execute(query)
            return ["\t".join("NULL" if cell is None else _text(cell) for cell in row) for row in cursor.fetchall()]
        finally:
            connection.close()

    def drop(self) -> None:
        end = {
            "postgresql": f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)',
            "mysql": f"DROP DATABASE IF EXISTS {self.name}",
        }
        Database(self.server, "postgres" if self.server.kind == "postgresql" else "mysql").execute(
            end[self.server.kind]
        )


def _psql_lines(connection: "psycopg.Connection[Any]", query: str) -> list[str]:
    cursor = connection.cursor()
    cursor.execute(query)  # type: ignore[arg-type]
    result = cursor.pgresult
    assert result is not None
    cells = ([result.get_value(row, column) for column in range(result.nfields)] for row in range(result.ntuples))
    return ["|".join("" if cell is None else _text(cell) for cell in row) for row in cells]


def _text(cell: bytes | str) -> str:
    return cell if isinstance(cell, str) else cell.decode("utf-8", "replace")

"""What the data plane is measured on: the same rows of ten mixed columns in a text, in PostgreSQL and in MariaDB."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from tests.databases import Database
from tests.servers import start_mariadb, start_postgres

TYPES = ["long", "string", "double", "double", "boolean", "date", "date", "string", "long", "string"]
NAMES = ("id", "name", "price", "rate", "flag", "day", "at", "note", "qty", "code")
COLUMNS = (
    "id bigint primary key, name varchar(40), price numeric(12,2), rate double precision, flag {bool}, day date, "
    "{quote}at{quote} {moment}, note varchar(80), qty int, code varchar(20)"
)
# The rows, in DuckDB's SQL.
SOURCE = (
    "SELECT i AS id, 'name' || (i % 977) AS name, CAST(i % 100000 AS DECIMAL(12,2)) / 4 AS price, i / 7 AS rate, i % 2 = 0 AS flag, "
    "DATE '2024-01-01' + CAST(i % 365 AS INTEGER) AS day, TIMESTAMP '2024-01-01' + i * INTERVAL 1 SECOND AS at, "
    "'some text with ' || i AS note, i * 37 % 1000003 AS qty, 'c' || (i % 10) AS code FROM range({rows}) AS made(i)"
)


@dataclass(frozen=True)
class World:
    folder: Path
    rows: int
    pg: Database
    my: Database | None

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, rows: int) -> "Iterator[World]":
        pg = start_postgres().database()
        try:
            my: Database | None = start_mariadb().database()
        except (pytest.skip.Exception, pytest.fail.Exception):
            my = None
        world = cls(folder, rows, pg, my)
        world._filled()
        yield world

    @property
    def text(self) -> Path:
        return self.folder / "in.csv"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def pg_url(self) -> str:
        return self.pg.jdbc_url

    def has(self, name: str) -> bool:
        return self.my is not None or "MariaDB" not in name

    def _filled(self) -> None:
        duckdb.sql(f"COPY ({SOURCE.format(rows=self.rows)}) TO '{self.text}' (HEADER false, QUOTE '', ESCAPE '')")
        postgres = COLUMNS.format(bool="boolean", quote='"', moment="timestamp")
        self.pg.execute(f"CREATE TABLE src ({postgres})", f"CREATE TABLE dst ({postgres})")
        self.pg_in("src")
        self.pg.execute("VACUUM ANALYZE src")
        if self.my is not None:
            maria = COLUMNS.format(bool="boolean", quote="`", moment="datetime")
            self.my.execute(f"CREATE TABLE src ({maria})", f"CREATE TABLE dst ({maria})")
            self._load_maria()

    def _load_maria(self) -> None:
        assert self.my is not None
        import pymysql

        server = self.my.server
        connection = pymysql.connect(
            host=server.host,
            port=server.port,
            user=self.my.user,
            password=self.my.password,
            database=self.my.name,
            local_infile=True,
            autocommit=True,
        )
        connection.cursor().execute(
            f"LOAD DATA LOCAL INFILE '{self.text}' INTO TABLE src FIELDS TERMINATED BY ',' "
            "(id, name, price, rate, @flag, day, at, note, qty, code) SET flag = @flag = 'true'"
        )
        connection.close()

    def emptied(self) -> None:
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir()
        self.pg.execute("TRUNCATE dst")
        if self.my is not None:
            self.my.execute("TRUNCATE dst")

    def plugin(self, name: str, **parameters: Any) -> dict[str, Any]:
        return {"name": name, "parameter": parameters}

    def _database(self, role: str, database: Database, url: Any, table: str) -> dict[str, Any]:
        login = {"username": database.user, "password": database.password}
        place = {"jdbcUrl": url, "table": [table]}
        names = [f"`{name}`" if database.server.kind == "mysql" else f'"{name}"' for name in NAMES]
        split = {"splitPk": "id"} if role == "reader" else {}
        return self.plugin(database.server.kind + role, **login, column=names, connection=[place], **split)

    def pg_reader(self) -> dict[str, Any]:
        return self._database("reader", self.pg, [self.pg_url], "src")

    def pg_writer(self) -> dict[str, Any]:
        return self._database("writer", self.pg, self.pg_url, "dst")

    def my_reader(self) -> dict[str, Any]:
        assert self.my is not None
        return self._database("reader", self.my, [self.my.jdbc_url], "src")

    def my_writer(self) -> dict[str, Any]:
        assert self.my is not None
        return self._database("writer", self.my, self.my.jdbc_url, "dst")

    def pg_out(self) -> None:
        """The limit of reading: COPY into a file."""
        with (
            self.pg.connect() as source,
            source.cursor().copy("COPY src TO STDOUT (FORMAT csv)") as rows,
            (self.out / "copy").open("wb") as file,
        ):
            for chunk in rows:
                file.write(chunk)

    def pg_in(self, table: str = "dst") -> None:
        """The limit of writing: COPY out of a file."""
        with (
            self.pg.connect() as target,
            self.text.open("rb") as file,
            target.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv)") as rows,
        ):
            while chunk := file.read(1 << 20):
                rows.write(chunk)

    def pg_through(self) -> None:
        """The limit of both: COPY in binary, piped into COPY by psql's own library."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            with os.fdopen(writing, "wb") as pipe, self.pg.connect() as source:
                self._copy_out(source, pipe)
            os._exit(0)
        os.close(writing)
        with (
            os.fdopen(reading, "rb") as pipe,
            self.pg.connect() as target,
            target.cursor().copy("COPY dst FROM STDIN (FORMAT binary)") as rows,
        ):
            while chunk := pipe.read(1 << 18):
                rows.write(chunk)
        os.waitpid(child, 0)

    @staticmethod
    def _copy_out(source: "psycopg.Connection[Any]", pipe: Any) -> None:
        with source.cursor().copy("COPY src TO STDOUT (FORMAT binary)") as rows:
            for chunk in rows:
                pipe.write(chunk)

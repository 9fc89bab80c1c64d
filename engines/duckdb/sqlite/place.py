"""Where the data is: `connection` of a job, and the file in its JDBC URL."""

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engines.duckdb.failure import Failure
from engines.duckdb.parameters import Arguments, Codes
from engines.duckdb.session import Session
from engines.duckdb.types import literal

if TYPE_CHECKING:
    import duckdb

CODES = Codes(required="DBUtilErrorCode-03", illegal="DBUtilErrorCode-02")
CONNECT, EXECUTE, WRITE = "DBUtilErrorCode-10", "DBUtilErrorCode-06", "DBUtilErrorCode-05"
PREFIX = "jdbc:sqlite:"
# Seconds to wait for another program that holds the file.
BUSY_SECONDS = 10


def connections(arguments: Arguments) -> list[Mapping[str, Any]]:
    """The objects in `connection`; newer jobs write a single one without the list."""
    value = arguments.raw("connection")
    found = [value] if isinstance(value, dict) else value
    if not isinstance(found, list) or not found or not all(isinstance(each, dict) for each in found):
        arguments.refuse("connection", "%(plugin)s needs the parameter connection.", code=CODES.required)
        return []
    return found


def check_names(arguments: Arguments, place: str, connection: Mapping[str, Any], known: set[str]) -> None:
    for name in set(connection) - known:
        arguments.refuse(f"{place}/{name}", "%(plugin)s here does not know %(key)s in a connection.", {"key": name})


def file_of(arguments: Arguments, place: str, connection: Mapping[str, Any]) -> str:
    """The path in the URL. Parameters of the driver are refused: none of them is known here."""
    url = connection.get("jdbcUrl")
    if isinstance(url, list) and len(url) == 1:
        url = url[0]
    path = url.removeprefix(PREFIX) if isinstance(url, str) and url.startswith(PREFIX) else ""
    if not path or path.startswith(":") or "?" in path:
        arguments.refuse(f"{place}/jdbcUrl", "jdbcUrl must be jdbc:sqlite: and the path of a file, without parameters.")
    return path


def listed(arguments: Arguments, place: str, connection: Mapping[str, Any], name: str) -> list[str]:
    value = connection.get(name) or []
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(each, str) and each.strip() for each in found):
        arguments.refuse(f"{place}/{name}", "%(key)s must be a list of strings.", {"key": name})
        return []
    return found


def connect(path: str, *, write: bool) -> sqlite3.Connection:
    """SQLite's own connection; a file that is not there is made for a writer only."""
    from urllib.parse import quote

    try:
        uri = f"file:{quote(path)}?mode={'rwc' if write else 'ro'}"
        # The connection serves the thread of the run alone; a stop closes it from another one.
        found = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        found.execute("SELECT count(*) FROM sqlite_master").fetchone()
        confine(found)
    except sqlite3.Error as error:
        values = {"path": path, "reason": str(error)}
        raise Failure(CONNECT, "The SQLite file %(path)s cannot be opened: %(reason)s.", values) from error
    return found


def confine(connection: sqlite3.Connection, *files: str) -> None:
    """Let statements open no file but these and temporary ones: ATTACH and VACUUM INTO would reach any file of the machine."""
    allowed = {"", ":memory:", *files}

    def decide(action: int, first: str | None, *_: object) -> int:
        return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH and first not in allowed else sqlite3.SQLITE_OK

    connection.set_authorizer(decide)


def run(connection: sqlite3.Connection, statement: str) -> None:
    try:
        connection.execute(statement)
    except sqlite3.Error as error:
        reason = str(error)
        if "authoriz" in reason:
            reason += "; a job works in the file of its jdbcUrl alone and opens no other by ATTACH or VACUUM INTO"
        raise Failure(EXECUTE, "%(statement)s: %(reason)s", {"statement": statement, "reason": reason}) from error


def attach(session: Session, path: str, alias: str, options: str = "") -> "duckdb.DuckDBPyConnection":
    """Let DuckDB see the file under a name."""
    from engines.duckdb.rdbms.source import load

    load(session, "sqlite_scanner")
    session.db.execute(f"ATTACH OR REPLACE {literal(path)} AS {alias} (TYPE sqlite{options})")
    return session.db

"""PostgreSQL, MySQL and MariaDB: the database itself judges tables, columns, expressions and rights."""

from collections.abc import Iterator
from typing import Any

from datax_job.problem import Problem, Severity
from engines.dryrun import statements
from engines.duckdb.failure import Failure
from engines.duckdb.rdbms import jdbc
from engines.duckdb.rdbms.connections import database_at
from engines.duckdb.rdbms.source import Login

# What a reader tries may not write, or take long, whatever a querySql says. What a writer tries is only explained, which MySQL
# refuses in a transaction that is read-only.
CAUTION = {
    "postgresql": ("SET default_transaction_read_only = on", "SET statement_timeout = '20s'"),
    "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION lock_wait_timeout = 20"),
}


def look(pointer: str, name: str, parameter: dict[str, Any]) -> Iterator[Problem]:
    writer = name.endswith("writer")
    for index, entry in statements.entries(parameter):
        attempts = statements.writing if writer else statements.reading
        for url in statements.urls(entry):
            yield from _at(pointer, index, url, parameter, list(attempts(parameter, entry, index)), careful=not writer)


def _at(
    pointer: str, index: int, url: str, parameter: dict[str, Any], attempts: list[tuple[str, str]], *, careful: bool
) -> Iterator[Problem]:
    place = f"connection/{index}/jdbcUrl"
    try:
        address = jdbc.parse(url)
    except jdbc.JdbcError as error:
        yield Problem(f"{pointer}/{place}", error.text, Severity.WARNING)
        return
    login = Login(str(parameter.get("username", "")), str(parameter.get("password", "")))
    database = database_at(address, login)
    try:
        connection = database.connect()
    except Failure as failure:
        yield statements.complaint(pointer, index, str(failure), place)
        return
    try:
        for caution in CAUTION[address.kind] if careful else ():
            _execute(connection, caution)
        connection.commit()
        yield from _try_all(pointer, index, connection, attempts)
    finally:
        connection.close()


def _try_all(pointer: str, index: int, connection: Any, attempts: list[tuple[str, str]]) -> Iterator[Problem]:
    failed: set[str] = set()
    for place, statement in attempts:
        if any(place == "column" and "/table/" in other for other in failed):
            continue  # a table that is not there has no columns to ask for
        try:
            _execute(connection, _harmless(statement, place))
        except Exception as error:  # each driver has its own classes, and every complaint is a finding
            failed.add(place)
            yield statements.complaint(pointer, index, _words(error), place)
        finally:
            connection.rollback()


def _harmless(statement: str, place: str) -> str:
    """A query of the user's is only described: as a subquery without rows."""
    return f"SELECT * FROM ({statement}\n) AS looked_at LIMIT 0" if "querySql" in place else statement


def _execute(connection: Any, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _words(error: Exception) -> str:
    """The message without the driver's number before it."""
    last = error.args[-1] if error.args else error
    return str(last) if isinstance(last, str) and last else str(error)

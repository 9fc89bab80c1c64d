"""Jobs between databases for the tests, run in this process."""

from typing import Any

from engines.duckdb.log import Log
from engines.duckdb.plan import Plan, plan
from engines.duckdb.run import run
from engines.duckdb.session import Session
from tests.databases import Database

NAMES = {"postgresql": "postgresql", "mysql": "mysql"}


def reader(database: Database, table: str = "src", **parameters: Any) -> dict[str, Any]:
    connection = {"jdbcUrl": [database.jdbc_url], "table": [table]}
    return _plugin(database, "reader", {"column": ["*"], "connection": [connection], **parameters})


def writer(database: Database, table: str = "dst", **parameters: Any) -> dict[str, Any]:
    connection = {"jdbcUrl": database.jdbc_url, "table": [table]}
    return _plugin(database, "writer", {"column": ["*"], "connection": [connection], **parameters})


def _plugin(database: Database, role: str, parameters: dict[str, Any]) -> dict[str, Any]:
    login = {"username": database.user, "password": database.password}
    return {"name": database.server.kind + role, "parameter": {**login, **parameters}}


def document(
    reader: dict[str, Any], writer: dict[str, Any], *, channels: int = 1, limit: int | None = 0
) -> dict[str, Any]:
    setting: dict[str, Any] = {"speed": {"channel": channels}}
    if limit is not None:
        setting["errorLimit"] = {"record": limit}
    return {"job": {"setting": setting, "content": [{"reader": reader, "writer": writer}]}}


def run_job(reader: dict[str, Any], writer: dict[str, Any], *, channels: int = 1, limit: int | None = 0) -> Session:
    """The session after the job. Raises Failure."""
    planned = plan(document(reader, writer, channels=channels, limit=limit))
    assert isinstance(planned, Plan), planned
    session = Session(planned.setting, Log())
    try:
        run(planned, session)
    finally:
        session.db.close()
    return session


def source(database: Database, *rows: str) -> None:
    """A table of texts, of which not all fit the target."""
    database.execute("CREATE TABLE src (id varchar(20), v varchar(60))")
    if rows:
        database.execute("INSERT INTO src VALUES " + ", ".join(rows))

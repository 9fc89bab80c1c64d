"""A job's speed limits hold for every writer, and count records as they are, whatever lies in them."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from engines.duckdb.log import Log
from engines.duckdb.pace import Pace, Quoted
from engines.duckdb.plan import Plan, plan
from engines.duckdb.run import run
from engines.duckdb.session import Session
from tests.engines.duckdb.inprocess import content, made, text_writer
from tests.engines.duckdb.jobs import writer as table_writer

# More than one batch of any writer, each with a line's end and both quotes in it.
ROWS = 2500
VALUE = "two\nlines, \"quotes\" and 'more'"
LIMIT = {"record": 1_000_000}


def sqlite_writer(folder: Path) -> dict[str, Any]:
    with sqlite3.connect(folder / "x.db") as connection:
        connection.execute("CREATE TABLE t (id INTEGER, v TEXT)")
    place = [{"jdbcUrl": f"jdbc:sqlite:{folder}/x.db", "table": ["t"]}]
    return {"name": "sqlitewriter", "parameter": {"column": ["id", "v"], "connection": place}}


def database_writer(request: pytest.FixtureRequest, kind: str) -> dict[str, Any]:
    database = request.getfixturevalue(kind)
    database.execute("CREATE TABLE dst (id int, v varchar(90))")
    return table_writer(database)


@pytest.fixture(params=["sqlite", "pg", "my"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    kind: str = request.param
    return sqlite_writer(tmp_path) if kind == "sqlite" else database_writer(request, kind)


def moved(target: dict[str, Any], monkeypatch: pytest.MonkeyPatch, value: str, limit: dict[str, int]) -> Session:
    """The session of a job that has moved ROWS rows without waiting."""
    monkeypatch.setattr("engines.duckdb.pace.time.sleep", lambda seconds: None)
    reader = made({"value": 7, "type": "long"}, {"value": value}, rows=ROWS)
    job = content(reader, target, speed=limit)
    job["core"] = {"transport": {"channel": {"speed": limit}}}
    planned = plan(job)
    assert isinstance(planned, Plan), planned
    session = Session(planned.setting, Log())
    run(planned, session)
    return session


def test_each_record_counts_once(target: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    session = moved(target, monkeypatch, VALUE, LIMIT)
    assert session.pace is not None
    assert session.pace.spent[1] == ROWS == session.counts().passed
    session.db.close()


def test_bytes_count_at_least_as_many_as_there_are(target: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    session = moved(target, monkeypatch, VALUE, {"byte": 1_000_000})
    assert session.pace is not None
    assert session.pace.spent[0] >= ROWS * len(f"7{VALUE}")
    session.db.close()


def test_text_keeps_the_pace_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = moved(text_writer(tmp_path / "out"), monkeypatch, "one line", LIMIT)
    assert session.pace is not None
    assert session.pace.spent[1] == ROWS
    session.db.close()


@pytest.mark.parametrize("cut", range(1, 12))
def test_records_are_counted_across_blocks(cut: int) -> None:
    text = b'1,"a\n""b"\n2,"c"\n3,NULL\n"""\n",x\n'
    count = Quoted(b'"')
    blocks = [text[start : start + cut] for start in range(0, len(text), cut)]
    assert sum(count(block) for block in blocks) == 4


def test_a_pace_waits_until_what_has_passed_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    slept: list[float] = []
    monkeypatch.setattr("engines.duckdb.pace.time.monotonic", lambda: now[0])
    monkeypatch.setattr("engines.duckdb.pace.time.sleep", slept.append)
    limited = Pace(1000, 10)
    limited.spend(100, 5)
    limited.spend(3000, 1)
    now[0] = 110.0
    limited.spend(100, 1)
    assert slept == pytest.approx([0.5, 3.1])


@pytest.mark.parametrize(("records", "batch"), [(None, 1000), (5, 1), (400, 40), (1_000_000, 1000)])
def test_batches_are_small_where_few_records_may_pass(records: int | None, batch: int) -> None:
    assert Pace(5, records).batch == batch

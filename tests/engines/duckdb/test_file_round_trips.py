"""Odd values out of each database, through a file, and back into each database, compared cell by cell."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.databases import Database
from tests.engines.duckdb.inprocess import text_writer
from tests.engines.duckdb.jobs import reader, run_job, writer
from tests.engines.duckdb.test_round_trips import COLUMNS, EXTREMES, ROW, TYPES, columns, fill, same

PAIRS = [(source, target) for source in TYPES for target in TYPES]
QUIET = settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
NAMES = COLUMNS.split(", ")
# Java's writer of csv takes the blanks from a cell's ends, and a date loses its fraction of a second in every text.
PLAIN = ("id", "a", "u", "n", "v", "d")
LONG, DOUBLE, STRING, DATE = ({"type": kind} for kind in ("long", "double", "string", "date"))
READ_AS = (LONG, LONG, DOUBLE, DOUBLE, STRING, {**DATE, "format": "yyyy-MM-dd"})


@pytest.fixture(params=PAIRS, ids=lambda pair: "-to-".join(pair))
def ends(request: pytest.FixtureRequest) -> tuple[Database, Database]:
    fixtures = {"postgresql": "pg", "mysql": "my"}
    source, target = (request.getfixturevalue(fixtures[kind]) for kind in request.param)
    source.execute(f"CREATE TABLE src ({columns(source)})")
    target.execute(f"CREATE TABLE dst ({columns(target)})")
    return source, target


def sqlite_parts(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """A writer into an SQLite file and a reader out of it."""
    (folder / "x.db").unlink(missing_ok=True)
    with sqlite3.connect(folder / "x.db") as connection:
        connection.execute(f"CREATE TABLE t ({COLUMNS})")
    url = f"jdbc:sqlite:{folder}/x.db"
    into = {"column": ["*"], "connection": [{"jdbcUrl": url, "table": ["t"]}]}
    out = {"column": NAMES, "connection": [{"jdbcUrl": [url], "table": ["t"]}]}
    return {"name": "sqlitewriter", "parameter": into}, {"name": "sqlitereader", "parameter": out}


def text_parts(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    into = text_writer(folder / "out", fileFormat="csv", nullFormat="<null>")
    given = [{**kind, "index": number} for number, kind in enumerate(READ_AS)]
    out = {"path": [f"{folder}/out/*"], "column": given, "fieldDelimiter": ",", "nullFormat": "<null>"}
    return into, {"name": "txtfilereader", "parameter": out}


@QUIET
@example(rows=EXTREMES)
@given(rows=st.lists(ROW, min_size=10, max_size=40))
def test_every_value_survives_a_stay_in_sqlite(
    ends: tuple[Database, Database], rows: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    source, target = ends
    numbered = [(number, *row) for number, row in enumerate(rows)]
    fill(source, "src", numbered)
    target.execute("DELETE FROM dst")
    into, out = sqlite_parts(tmp_path)
    run_job(reader(source, column=NAMES), into)
    run_job(out, writer(target, column=NAMES))
    found = [same(row) for row in target.rows(f"SELECT {COLUMNS} FROM dst ORDER BY id")]
    assert found == [same(row) for row in numbered]


@QUIET
@example(rows=EXTREMES)
@given(rows=st.lists(ROW, min_size=10, max_size=40))
def test_numbers_texts_and_days_survive_a_stay_in_a_text(
    ends: tuple[Database, Database], rows: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    source, target = ends
    numbered = [(number, *row[:3], trimmed(row[3]), *row[4:]) for number, row in enumerate(rows)]
    fill(source, "src", numbered)
    target.execute("DELETE FROM dst")
    into, out = text_parts(tmp_path)
    run_job(reader(source, column=list(PLAIN)), into)
    run_job(out, writer(target, column=list(PLAIN)))
    found = [same((*row, *[None] * 4)) for row in target.rows(f"SELECT {', '.join(PLAIN)} FROM dst ORDER BY id")]
    assert found == [same((*row[:6], *[None] * 4)) for row in numbered]


def trimmed(text: str | None) -> str | None:
    """What csv can hold: no blanks at the ends, and a carriage return is a line's end to its reader."""
    return None if text is None else text.strip("".join(map(chr, range(33)))).replace("\r", "")

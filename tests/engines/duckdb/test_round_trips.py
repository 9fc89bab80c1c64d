"""Odd values from each database into each other, compared cell by cell."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engines.duckdb.rdbms import binary, passing
from tests.databases import Database
from tests.engines.duckdb.jobs import reader, run_job, writer

TYPES = {
    "postgresql": [
        "bigint",
        "numeric(20,0)",
        "numeric(38,10)",
        "text",
        "date",
        "timestamp(6)",
        "boolean",
        "float8",
        "bytea",
    ],
    "mysql": [
        "bigint",
        "bigint unsigned",
        "decimal(38,10)",
        "longtext",
        "date",
        "datetime(6)",
        "tinyint(1)",
        "double",
        "longblob",
    ],
}
NAMES = ("a", "u", "n", "v", "d", "ts", "f", "x", "y")
COLUMNS = "id, a, u, n, v, d, ts, f, x, y"
# PostgreSQL has no NUL in a text.
TEXTS = st.text(st.characters(min_codepoint=1, exclude_categories=("Cs",)), max_size=60)
ROW = st.tuples(
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.integers(0, 2**64 - 1),
    st.none() | st.decimals(-(10**27), 10**27, allow_nan=False, places=10).map(lambda number: number + Decimal(0)),
    st.none()
    | TEXTS
    | st.sampled_from(["", "NULL", "\\N", "'", '"', "\\", "a\nb\r\n,c\t'\"", "張三 😀", "\\.", "0x41", "SPACE(0)"]),
    st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31)),
    st.none() | st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)),
    st.none() | st.booleans(),
    st.none()
    | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False).filter(
        lambda number: abs(number) < 1e300
    ),
    st.none() | st.binary(max_size=60),
)
LARGEST, SMALLEST = Decimal("9999999999999999999999999999.9999999999"), Decimal("-0.0000000001")
LAST = datetime(9999, 12, 31, 23, 59, 59, 999999)
EXTREMES = [
    (2**63 - 1, 2**64 - 1, LARGEST, "😀" * 9, date(1, 1, 1), datetime(1, 1, 1), True, 1e-300, b"\0\xff'\""),
    (-(2**63), 0, SMALLEST, "", date(9999, 12, 31), LAST, False, -0.1, b""),
    (None,) * 9,
]
# Times five characters: several times what goes to a server at once.
LONG = 2_000_000
# Into PostgreSQL rows go in its own form, where nothing is in the way; so the other ways are tried too.
PAIRS = [(source, target, "fast") for source in TYPES for target in TYPES]
PAIRS += [("postgresql", "postgresql", "binary"), *((source, "postgresql", "as csv") for source in TYPES)]


@pytest.fixture(params=PAIRS, ids=lambda pair: "-to-".join(pair))
def ends(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Database, Database]:
    """An empty table at each end, two where both are one database."""
    fixtures = {"postgresql": "pg", "mysql": "my"}
    source, target = (request.getfixturevalue(fixtures[kind]) for kind in request.param[:2])
    if request.param[2] != "fast":
        monkeypatch.setattr(passing, "possible", lambda *_: False)
    if request.param[2] == "as csv":
        monkeypatch.setattr(binary, "select", lambda *_: None)
    source.execute(f"CREATE TABLE src ({columns(source)})")
    target.execute(f"CREATE TABLE dst ({columns(target)})")
    return source, target


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@example(rows=EXTREMES)
@given(rows=st.lists(ROW, min_size=20, max_size=80))
def test_every_value_arrives_as_it_was(ends: tuple[Database, Database], rows: list[tuple[Any, ...]]) -> None:
    source, target = ends
    numbered = [(number, *row) for number, row in enumerate(rows)]
    fill(source, "src", numbered)
    target.execute("DELETE FROM dst")

    session = run_job(reader(source), writer(target))

    assert session.counts().passed == len(rows)
    found = [same(row) for row in target.rows(f"SELECT {COLUMNS} FROM dst ORDER BY id")]
    assert found == [same(row) for row in numbered]


@pytest.mark.parametrize("target_name", ["pg", "my"])
@pytest.mark.parametrize("source_name", ["pg", "my"])
def test_a_text_of_many_megabytes_in_one_cell_arrives(
    source_name: str, target_name: str, request: pytest.FixtureRequest
) -> None:
    source, target = request.getfixturevalue(source_name), request.getfixturevalue(target_name)
    types = {"postgresql": "text", "mysql": "longtext"}
    source.execute(f"CREATE TABLE src (id int, v {types[source.server.kind]})")
    target.execute(f"CREATE TABLE dst (id int, v {types[target.server.kind]})")
    fill(source, "src", [(1, "short"), (2, "a'\n,\\" * LONG), (3, None)])

    run_job(reader(source), writer(target))

    for database, table in ((source, "src"), (target, "dst")):
        assert database.rows(f"SELECT id, length(v), md5(v) FROM {table} ORDER BY id") == source.rows(
            "SELECT id, length(v), md5(v) FROM src ORDER BY id"
        )


def columns(database: Database) -> str:
    types = zip(NAMES, TYPES[database.server.kind], strict=True)
    return ", ".join(["id int", *(f"{name} {each}" for name, each in types)])


def fill(database: Database, table: str, rows: list[tuple[Any, ...]]) -> None:
    connection = database.connect()
    try:
        cursor = connection.cursor()
        cursor.execute(f"DELETE FROM {table}")
        places = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
    finally:
        connection.close()


def same(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Both databases' values in one form: MySQL's booleans are numbers."""
    cells = list(row)
    cells[2] = None if cells[2] is None else int(cells[2])
    cells[7] = None if cells[7] is None else bool(cells[7])
    cells[9] = None if cells[9] is None else bytes(cells[9])
    return tuple(cells)

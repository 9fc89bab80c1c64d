"""Rows go into PostgreSQL in its binary form where they can: the same must arrive as by way of a text, value for value."""

import threading
import time
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engines.duckdb import run
from engines.duckdb.failure import Failure
from engines.duckdb.log import Log
from engines.duckdb.rdbms import binary, passing, sending
from engines.duckdb.rows import Again
from engines.duckdb.session import Session
from engines.duckdb.setting import Setting
from tests.databases import Database
from tests.engines.duckdb.jobs import reader, run_job, source, writer

INTEGERS = ["0", "-1", "7", "007", "+5", "12.9", "32767", "32768", "-32769", "2147483648", "9223372036854775807"]
NUMBERS = [
    *INTEGERS, "-0.0", "0.5", "1.005", "-1.005", "1.0049999999999999", "1.5e3", "149.5e-2", "1.55E-2", "9999999999.994",
    "9999999999.995", "1e400", "-1e400", "1e39", "1e-400", "2.4e-324", "4.9e-324", "1e-46", "0e5", "nan", "infinity", "-infinity",
    "0.1", "123456789.123456789", "0.12345678901234567", "3.4028235e38",
]  # fmt: skip
MOMENTS = ["2024-01-02 03:04:05", "0001-01-01", "9999-12-31 23:59:59", "1969-12-31 23:59:59", "1582-10-10 00:00:00"]
TEXTS = ["", "NULL", "\\N", 'a "b"', "a 'b'", "張三 😀", "\t", "  blank  ", "x" * 12]
WAYS = {
    "long": (INTEGERS, ["bigint", "int", "smallint", "float8", "real", "numeric(5,2)", "numeric(38,36)", "text"]),
    "double": (
        NUMBERS,
        ["float8", "real", "numeric(12,2)", "numeric(4,0)", "numeric(9,9)", "numeric(18,17)", "numeric(36,36)", "varchar(20)"],
    ),
    "boolean": (["true", "FALSE"], ["boolean", "text"]),
    "date": (MOMENTS, ["timestamp", "timestamptz", "timestamp(0)", "date", "varchar(30)"]),
    "string": (TEXTS, ["text", "varchar(10)", "char(12)"]),
}  # fmt: skip
CASES = [(kind, target) for kind, (_, targets) in WAYS.items() for target in targets]


@pytest.fixture
def forms(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What each run did: "binary", or "again" where it could not."""
    done: list[str] = []
    copy = binary.copy

    def watched(*arguments: Any) -> None:
        done.append("again")
        copy(*arguments)
        done[-1] = "binary"

    monkeypatch.setattr(binary, "copy", watched)
    return done


def text(folder: Path, kind: str, values: list[str]) -> dict[str, Any]:
    path = folder / "in.txt"
    path.write_text("".join(f"{number}\x01{value}\n" for number, value in enumerate(values)), "utf-8")
    columns = [{"index": 0, "type": "long"}, {"index": 1, "type": kind}]
    parameter = {"path": [str(path)], "column": columns, "fieldDelimiter": "\x01", "encoding": "utf-8"}
    return {"name": "txtfilereader", "parameter": parameter}


@pytest.mark.parametrize(("kind", "target"), CASES, ids=[f"{kind} into {target}" for kind, target in CASES])
def test_each_kind_in_each_type_is_what_its_text_is(
    pg: Database, tmp_path: Path, forms: list[str], kind: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pg.execute(f"CREATE TABLE dst (id int, v {target})", f"CREATE TABLE other (id int, v {target})")
    values = WAYS[kind][0]
    with monkeypatch.context() as patched:
        patched.setattr(binary, "select", lambda *_: None)
        session = run_job(text(tmp_path, kind, values), writer(pg, "other"), limit=None)
        taken = {int(number) for (number,) in pg.rows("SELECT id FROM other")}
    assert session.counts().passed == len(taken) > 0 and not forms

    accepted = [values[number] for number in sorted(taken)]
    pg.execute("DELETE FROM other")
    with monkeypatch.context() as patched:
        patched.setattr(binary, "select", lambda *_: None)
        run_job(text(tmp_path, kind, accepted), writer(pg, "other"))
    run_job(text(tmp_path, kind, accepted), writer(pg))
    assert pg.printed("SELECT * FROM dst ORDER BY id") == pg.printed("SELECT * FROM other ORDER BY id")
    # Numeric has a "not a number", which DuckDB's type for it has not.
    assert forms == (["again"] if target.startswith("numeric") and "nan" in accepted else ["binary"])

    for number, value in enumerate(values):
        if number not in taken:
            refused = run_job(text(tmp_path, kind, [value]), writer(pg), limit=1)
            assert (refused.counts().passed, refused.counts().failed) == (0, 1), value
            assert forms[-1] == "again"


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@example(numbers=[Decimal("0.899999999"), Decimal("-0.000000001"), Decimal(0)])
@given(
    numbers=st.lists(st.decimals(Decimal("-0.9"), Decimal("0.9"), allow_nan=False, places=40), min_size=30, max_size=60)
)
def test_numbers_of_any_scale_keep_their_digits(
    pg: Database, tmp_path: Path, forms: list[str], numbers: list[Decimal]
) -> None:
    scales = [(4, 3), (4, 4), (9, 8), (9, 7), (10, 9), (18, 16), (18, 17), (19, 18), (38, 36), (38, 37)]
    pg.execute("DROP TABLE IF EXISTS dst, other")
    columns = ", ".join(f"n{scale} numeric({precision},{scale})" for precision, scale in scales)
    pg.execute(f"CREATE TABLE dst (id int, {columns})", f"CREATE TABLE other (id int, {columns})")
    path = tmp_path / "in.txt"
    for part, binary_form in ((scales[:-1], True), (scales, False)):
        names = ["id", *(f"n{scale}" for _, scale in part)]
        path.write_text("".join(f"{number}{f',{value:f}' * len(part)}\n" for number, value in enumerate(numbers)))
        declared = [{"index": index, "type": "double" if index else "long"} for index in range(len(names))]
        text_reader = {
            "name": "txtfilereader",
            "parameter": {"path": [str(path)], "column": declared, "fieldDelimiter": ","},
        }
        target = writer(pg, "dst" if binary_form else "other")
        target["parameter"]["column"] = names
        run_job(text_reader, target)
        # Of 37 digits after the point DuckDB's writer has no room for the zeros that fill them up.
        assert (forms[-1:] == ["binary"]) is binary_form
        forms.clear()
    names_of = ", ".join(f"n{scale}" for _, scale in scales[:-1])
    query = f"SELECT {names_of} FROM {{}} ORDER BY id"
    assert pg.printed(query.format("dst")) == pg.printed(query.format("other"))
    with localcontext(prec=60):
        rounded = [(each.quantize(Decimal("1e-36"), ROUND_HALF_UP),) for each in numbers]
    assert pg.rows("SELECT n36 FROM dst ORDER BY id") == rounded


def test_after_a_refused_row_the_other_slices_go_as_text_at_once(pg: Database, forms: list[str]) -> None:
    pg.execute("CREATE TABLE src (id int, v text)", "CREATE TABLE dst (id bigint PRIMARY KEY, v varchar(3))")
    pg.execute(
        "INSERT INTO src SELECT n, CASE n WHEN 3 THEN 'too long' ELSE 'v' || n END FROM generate_series(1, 90) n"
    )
    session = run_job(reader(pg, splitPk="id"), writer(pg), channels=3, limit=1)
    assert (session.counts().passed, session.counts().failed) == (89, 1)
    assert pg.rows("SELECT count(*), count(DISTINCT id) FROM dst") == [(89, 89)]
    assert forms == ["again"]


def test_a_nul_in_a_text_is_refused_by_itself(pg: Database, tmp_path: Path, forms: list[str]) -> None:
    pg.execute("CREATE TABLE dst (id int, v text)")
    session = run_job(text(tmp_path, "string", ["a", "b\0c", "d"]), writer(pg), limit=1)
    assert (session.counts().passed, session.counts().failed, forms) == (2, 1, ["again"])
    assert pg.rows("SELECT v FROM dst ORDER BY id") == [("a",), ("d",)]


@pytest.mark.parametrize("day", ["DATE '5000-01-01 (BC)'", "TIMESTAMP '5000-01-01 (BC) 00:00:00'"])
def test_a_day_before_the_server_s_first_has_no_form(pg: Database, day: str) -> None:
    pg.execute("CREATE TABLE dst (v timestamp)")
    with pg.connect() as connection, pytest.raises(Again):
        binary.copy(Session(Setting(), Log()), f"SELECT {day} AS c0", connection, "dst", ["v"])


def test_what_is_wrong_with_the_table_is_no_matter_of_a_row(pg: Database) -> None:
    source(pg, "('1','a')")
    pg.execute("DROP TABLE IF EXISTS dst", "CREATE TABLE dst (id varchar(20), v varchar(60))")
    pg.execute("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM 1 FROM missing; END'")
    pg.execute("CREATE TRIGGER t BEFORE INSERT ON dst FOR EACH ROW EXECUTE FUNCTION no()")
    with pytest.raises(Exception, match="missing") as raised:
        run_job(reader(pg), writer(pg), limit=9)
    assert not isinstance(raised.value, Again)


def test_a_relative_of_postgresql_without_the_form_gets_a_text(
    pg: Database, tmp_path: Path, forms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = sending.copy_in

    def without(cursor: Any, statement: str, **options: Any) -> Any:
        return asked(cursor, statement.replace("(FORMAT binary)", "(FORMAT its_own)"), **options)

    monkeypatch.setattr(sending, "copy_in", without)
    pg.execute("CREATE TABLE dst (id int, v text)")
    assert run_job(text(tmp_path, "string", ["a", "b"]), writer(pg)).counts().passed == 2
    assert pg.rows("SELECT v FROM dst ORDER BY id") == [("a",), ("b",)] and forms == ["again"]


def test_who_cancels_the_copy_on_the_server_ends_the_job(pg: Database, tmp_path: Path, forms: list[str]) -> None:
    pg.execute("CREATE TABLE dst (id int, v varchar(200))")
    pg.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END'"
    )
    pg.execute("CREATE TRIGGER t BEFORE INSERT ON dst FOR EACH ROW EXECUTE FUNCTION slow()")
    at_work = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY dst%'"

    def cancel() -> None:
        while not pg.rows(f"SELECT pg_cancel_backend(pid) {at_work} AND state = 'active'"):
            time.sleep(0.05)

    cancelling = threading.Thread(target=cancel)
    cancelling.start()
    with pytest.raises(Failure, match="cancel"):
        run_job(text(tmp_path, "string", ["x" * 200] * 100_000), writer(pg))
    cancelling.join()
    assert forms == ["again"] and pg.rows("SELECT count(*) FROM dst") == [(0,)]


def remarking(database: Database) -> None:
    """Have the server say something of each row."""
    database.execute(
        "CREATE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''row''; RETURN NEW; END'",
        "CREATE TRIGGER t BEFORE INSERT ON dst FOR EACH ROW EXECUTE FUNCTION say()",
    )


@pytest.mark.parametrize("way", ["binary", "as csv"])
def test_a_remark_that_looks_like_a_refusal_costs_no_row(
    pg: Database, tmp_path: Path, forms: list[str], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending._Sender, "_error_comes", lambda _: True)
    if way == "as csv":
        monkeypatch.setattr(binary, "select", lambda *_: None)
    pg.execute("CREATE TABLE dst (id int, v varchar(200))")
    remarking(pg)
    session = run_job(text(tmp_path, "string", ["x" * 200] * 50_000), writer(pg))
    assert (session.counts().passed, forms) == (50_000, ["again"] if way == "binary" else [])
    assert pg.rows("SELECT count(*), count(DISTINCT id) FROM dst") == [(50_000, 50_000)]


def test_a_refused_row_ends_the_sending_and_what_the_server_remarks_does_not(
    pg: Database, tmp_path: Path, forms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pg.execute("CREATE TABLE dst (id int, v varchar(200))")
    remarking(pg)
    sent: list[int] = []
    write = psycopg.Copy.write
    monkeypatch.setattr(psycopg.Copy, "write", lambda copy, block: (sent.append(len(block)), write(copy, block))[1])
    values = ["x" * 200] * 100_000
    run_job(text(tmp_path, "string", values), writer(pg))
    assert forms == ["binary"] and sum(sent) > 20_000_000
    assert pg.rows("SELECT count(*) FROM dst") == [(100_000,)]

    pg.execute("DROP TRIGGER t ON dst", "TRUNCATE dst")
    sent.clear()
    with pytest.raises(Again) as refused:
        binary_only(monkeypatch, text(tmp_path, "string", ["x" * 201, *values]), writer(pg))
    assert sum(sent) < 15_000_000
    assert isinstance(refused.value.__cause__, psycopg.errors.StringDataRightTruncation)


def binary_only(monkeypatch: pytest.MonkeyPatch, source: dict[str, Any], target: dict[str, Any]) -> None:
    """Run a job that is not tried a second time."""

    def once(plan: Any, session: Any, part: Any, number: int) -> None:
        run._attempt(plan, session, part, number, False)

    with monkeypatch.context() as patched:
        patched.setattr(run, "_transfer", once)
        run_job(source, target)


def test_days_before_christ_and_without_end_are_the_same(
    pg: Database, forms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "possible", lambda *_: False)
    columns = "id int, d date, t timestamp, z timestamptz"
    pg.execute(f"CREATE TABLE src ({columns})", f"CREATE TABLE dst ({columns})")
    days = ["0044-03-15 BC", "4713-01-01 BC", "0001-12-31 BC", "0001-01-01", "9999-12-31", "infinity", "-infinity"]
    for number, day in enumerate(days):
        pg.execute(f"INSERT INTO src VALUES ({number}, '{day}', '{day}', '{day}')")
    pg.execute("INSERT INTO src VALUES (98, NULL, '2024-01-02 03:04:05.678901', '2024-01-02 03:04:05.678901+05:30')")
    run_job(reader(pg), writer(pg))
    assert forms == ["binary"]
    assert pg.printed("SELECT * FROM dst ORDER BY id") == pg.printed("SELECT * FROM src ORDER BY id")

"""Rows that a database refuses, jobs that fail, stop or start again: what is in the table afterwards."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from engines.duckdb.failure import Failure
from engines.duckdb.rdbms import postgresql
from tests.databases import Database, Server
from tests.engines.duckdb.jobs import document, reader, run_job, source, writer


def test_rows_that_the_server_refuses_are_counted_and_the_rest_arrive(
    db: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    source(db, "('1','a')", "('1','twice')", "('x','no number')", "('2',NULL)", f"('3','{'long' * 9}')", "('4','b')")
    session = run_job(reader(db), writer(db), limit=4)
    assert (session.counts().passed, session.counts().failed) == (2, 4)
    assert db.rows("SELECT * FROM dst ORDER BY id") == [(1, "a"), (4, "b")]
    output = capfd.readouterr().out
    assert output.count("脏数据") == 4
    assert '"rawData":"twice"' in output and '"type":"writer","exception":"' in output
    assert "uplicate" in output and "long" * 9 in output


def test_a_text_that_is_no_date_is_logged_as_it_stood(db: Database, capfd: pytest.CaptureFixture[str]) -> None:
    source(db, "('1','today')")
    db.execute("ALTER TABLE dst DROP COLUMN v", "ALTER TABLE dst ADD COLUMN v date")
    assert run_job(reader(db), writer(db), limit=1).counts().failed == 1
    assert '"rawData":"today"' in capfd.readouterr().out


def test_only_the_first_ten_bad_rows_are_logged(db: Database, capfd: pytest.CaptureFixture[str]) -> None:
    source(db, *[f"('{'x' * (number % 3 == 0)}{number}', 'v')" for number in range(90)])
    session = run_job(reader(db), writer(db), limit=30)
    assert (session.counts().passed, session.counts().failed) == (60, 30)
    assert db.rows("SELECT count(*) FROM dst") == [(60,)]
    assert capfd.readouterr().out.count("脏数据") == 10


def test_more_bad_rows_than_the_limit_fail_the_job(db: Database) -> None:
    source(db, "('1','a')", "('1','b')", "('1','c')")
    with pytest.raises(Failure) as failure:
        run_job(reader(db), writer(db), limit=1)
    assert failure.value.code == "Framework-14"
    assert db.rows("SELECT count(*) FROM dst")[0][0] <= 1


def test_without_a_limit_any_number_of_bad_rows_is_borne(db: Database) -> None:
    source(db, *[f"('{number}', NULL)" for number in range(20)])
    assert run_job(reader(db), writer(db), limit=None).counts().failed == 20


def test_a_job_that_fails_at_its_end_leaves_nothing_in_postgresql(pg: Database) -> None:
    pg.execute("CREATE TABLE parent (id int PRIMARY KEY)")
    pg.execute("CREATE TABLE dst (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED, v text)")
    pg.execute("CREATE TABLE src (id int, v text)", "INSERT INTO src VALUES (1, 'orphan')")
    with pytest.raises(Failure) as failure:
        run_job(reader(pg), writer(pg), limit=5)
    assert failure.value.code == "DBUtilErrorCode-05"
    assert pg.rows("SELECT count(*) FROM dst") == [(0,)]


@pytest.mark.parametrize("mode", ["insert", "replace", "update"])
def test_without_load_data_rows_go_in_statements(mariadb_without_local_infile: Server, mode: str) -> None:
    database = mariadb_without_local_infile.database()
    database.execute("CREATE TABLE dst (id int PRIMARY KEY, v varchar(20), y varbinary(9))")
    database.execute(
        "CREATE TABLE src (id int, v varchar(20), y varbinary(9))", "INSERT INTO dst VALUES (1, 'old', NULL)"
    )
    database.execute("INSERT INTO src VALUES (1, 'it''s \\\\', x'00ff'), (2, NULL, x''), (3, 'c', NULL)")
    session = run_job(reader(database), writer(database, writeMode=mode), limit=1)
    first = (1, "old", None) if mode == "insert" else (1, "it's \\", b"\x00\xff")
    assert database.rows("SELECT * FROM dst ORDER BY id") == [first, (2, None, b""), (3, "c", None)]
    assert session.counts().failed == (mode == "insert")
    database.drop()


MOMENTS = (
    "(1, '2024-02-29', '2024-02-29 23:59:59.123456', '23:59:58', 2024, b'1', -1.5, 'one')",
    "(2, '0001-01-01', '9999-12-31 00:00:00.000001', '00:00:00', 1901, b'0', 1e100, '')",
    "(3, NULL, NULL, NULL, NULL, NULL, NULL, 'taken')",
)


@pytest.mark.parametrize("mode", ["insert", "replace", "update", "update(id)"])
@pytest.mark.parametrize("refused", [False, True])
def test_dates_and_times_go_into_mysql_alike_by_load_data_and_by_statement(
    my: Database, mode: str, refused: bool
) -> None:
    columns = "d date, t datetime(6), h time, y year, b bit(1), x double, v varchar(20)"
    my.execute(f"CREATE TABLE src (id int, {columns})", f"CREATE TABLE dst (id int PRIMARY KEY, {columns})")
    my.execute(f"INSERT INTO src VALUES {', '.join(MOMENTS)}")
    if refused:
        my.execute("ALTER TABLE dst ADD CHECK (v <> 'taken')")
    assert run_job(reader(my), writer(my, writeMode=mode), limit=1).counts().failed == refused
    assert my.rows("SELECT * FROM dst ORDER BY id") == my.rows(f"SELECT * FROM src LIMIT {3 - refused}")


def test_few_refused_rows_among_many_are_found_and_all_others_arrive(db: Database) -> None:
    db.execute("CREATE TABLE src (id int, v varchar(100))")
    made = {"postgresql": "generate_series(1, 20000) AS seq", "mysql": "seq_1_to_20000"}[db.server.kind]
    db.execute(f"INSERT INTO src SELECT seq, 'v' FROM {made}", "UPDATE src SET v = repeat('x', 99) WHERE id % 6000 = 0")
    assert run_job(reader(db), writer(db), limit=3).counts().failed == 3
    assert db.rows("SELECT count(*), count(DISTINCT id) FROM dst WHERE id % 6000 <> 0") == [(19997, 19997)]


def test_load_data_is_what_brings_rows_in(my: Database) -> None:
    my.execute(
        "CREATE TABLE src (id int)", "CREATE TABLE dst (id int)", "INSERT INTO src SELECT seq FROM seq_1_to_1000"
    )
    before = commands(my)
    run_job(reader(my), writer(my))
    # Other tests may load at the same time.
    assert commands(my)["Com_load"] > before["Com_load"]


def commands(database: Database) -> dict[str, int]:
    return {name: int(value) for name, value in database.rows("SHOW GLOBAL STATUS LIKE 'Com_load'")}


def test_a_table_that_cannot_take_back_rows_gets_them_one_by_one(my: Database) -> None:
    my.execute("CREATE TABLE dst (id int PRIMARY KEY) ENGINE=MyISAM", "CREATE TABLE src (id int)")
    my.execute("INSERT INTO src VALUES (1), (2), (2), (3)")
    assert run_job(reader(my), writer(my), limit=1).counts().failed == 1
    assert my.rows("SELECT id FROM dst ORDER BY id") == [(1,), (2,), (3,)]


def test_a_slice_that_starts_again_leaves_no_row_twice(db: Database, tmp_path: Path) -> None:
    """A number such as 1e2 is beyond the fast way of reading texts, and comes after much has been written."""
    rows = 400_000
    lines = "".join(f"{number},some text\n" for number in range(rows))
    (tmp_path / "in.csv").write_text(lines + f"{rows // 1000}e3,last\n")
    columns = [{"index": 0, "type": "long"}, {"index": 1, "type": "string"}]
    text = {"path": [str(tmp_path / "in.csv")], "column": columns, "fieldDelimiter": ","}
    session = run_job({"name": "txtfilereader", "parameter": text}, writer(db))
    assert session.counts().passed == rows + 1
    assert db.rows("SELECT count(*), count(DISTINCT id), max(id) FROM dst") == [(rows + 1, rows + 1, rows)]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_job_that_is_killed_leaves_no_part_of_a_batch(db: Database, tmp_path: Path, number: signal.Signals) -> None:
    """Rows come in the order of their numbers, so whole batches leave no gap, and PostgreSQL none at all."""
    text = {
        "path": [str(tmp_path / "in.csv")],
        "column": [{"index": 0, "type": "long"}, {"index": 1, "type": "string"}],
    }
    (tmp_path / "in.csv").write_text("".join(f"{number},some text to copy\n" for number in range(3_000_000)))
    job = tmp_path / "job.json"
    job.write_text(json.dumps(document({"name": "txtfilereader", "parameter": text}, writer(db))))
    process = subprocess.Popen([sys.executable, "-m", "engines.duckdb", str(job)], stdout=subprocess.DEVNULL)
    assert eventually(lambda: writing(db))
    process.send_signal(number)
    assert process.wait(2) == (143 if number == signal.SIGTERM else -signal.SIGKILL)
    assert eventually(lambda: not busy(db))
    ((count, last),) = db.rows("SELECT count(*), max(id) FROM dst")
    assert count < 3_000_000
    assert count == 0 if db.server.kind == "postgresql" else count == last + 1


@pytest.mark.parametrize("moment", ["preSql", "postSql"])
def test_a_statement_that_takes_long_ends_with_the_job_that_is_stopped(
    db: Database, tmp_path: Path, moment: str
) -> None:
    sleep = {"postgresql": "SELECT pg_sleep(60)", "mysql": "DO SLEEP(60)"}[db.server.kind]
    read = {"column": [{"type": "long", "value": "1"}, {"type": "string", "value": "x"}], "sliceRecordCount": 1}
    job = tmp_path / "job.json"
    job.write_text(json.dumps(document({"name": "streamreader", "parameter": read}, writer(db, **{moment: [sleep]}))))
    process = subprocess.Popen([sys.executable, "-m", "engines.duckdb", str(job)], stdout=subprocess.DEVNULL)
    assert eventually(lambda: asleep(db))
    process.send_signal(signal.SIGTERM)
    assert process.wait(1) == 143
    assert eventually(lambda: not asleep(db))


def asleep(database: Database) -> bool:
    statements = {
        "postgresql": "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query ~ '^SELECT pg'",
        "mysql": "SELECT 1 FROM information_schema.processlist WHERE db = database() AND info LIKE 'DO SLEEP%'",
    }
    return bool(database.rows(statements[database.server.kind]))


def writing(database: Database) -> bool:
    """Whether the job has begun to write: PostgreSQL shows nothing of it but the statement."""
    if database.server.kind == "mysql":
        return bool(database.rows("SELECT 1 FROM dst LIMIT 1"))
    return busy(database)


def busy(database: Database) -> bool:
    if database.server.kind == "mysql":
        query = (
            f"SELECT count(*) FROM information_schema.processlist WHERE db = '{database.name}' AND info LIKE 'LOAD%'"
        )
    else:
        query = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database.name}' AND query LIKE 'COPY%'"
    return bool(database.rows(query)[0][0])


def eventually(true: Callable[[], bool], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.02)
    return False


def test_rows_in_postgresql_s_own_form_are_refused_one_by_one_too(pg: Database) -> None:
    pg.execute("CREATE TABLE src (id int, v varchar(20))", "CREATE TABLE dst (id int PRIMARY KEY, v varchar(20))")
    pg.execute("INSERT INTO src VALUES (1, 'a'), (1, 'twice'), (2, 'b')")
    session = run_job(reader(pg), writer(pg), limit=1)
    assert (session.counts().passed, session.counts().failed) == (2, 1)
    assert pg.rows("SELECT * FROM dst ORDER BY id") == [(1, "a"), (2, "b")]


@pytest.mark.parametrize("kind", ["pg", "my"])
def test_a_rule_of_values_per_column(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """What DataX makes of texts for numbers, dates and times: empty is NULL, a date's format must be one of its own."""
    database: Database = request.getfixturevalue(kind)
    database.execute("CREATE TABLE dst (id int, n int, d date, ts timestamp NULL, t time)")
    lines = [
        "1,,,,",
        "2,7,2024-01-02,2024-01-02 03:04:05.678,03:04:05",
        "3,8,20240102,2024-01-02,2024-01-02",
        "4,1,tomorrow,,",
        "5,x,,,",
    ]
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n")
    columns = [{"index": 0, "type": "long"}, *({"index": number, "type": "string"} for number in range(1, 5))]
    text = {"path": [str(tmp_path / "in.csv")], "column": columns, "fieldDelimiter": ",", "nullFormat": ""}
    session = run_job({"name": "txtfilereader", "parameter": text}, writer(database), limit=2)
    assert (session.counts().passed, session.counts().failed) == (3, 2)
    found = database.printed("SELECT id, n, d FROM dst ORDER BY id")
    mark, null = ("|", "") if kind == "pg" else ("\t", "NULL")
    assert found == [
        mark.join(["1", null, null]),
        mark.join(["2", "7", "2024-01-02"]),
        mark.join(["3", "8", "2024-01-02"]),
    ]
    assert database.printed("SELECT id, t FROM dst WHERE id > 1 ORDER BY id") == [
        f"2{mark}03:04:05",
        f"3{mark}00:00:00",
    ]


def test_the_year_0_of_mysql_stays_one(my: Database) -> None:
    my.execute("CREATE TABLE src (y year)", "CREATE TABLE dst (y year)", "INSERT INTO src VALUES (0), (1999), (NULL)")
    run_job(reader(my), writer(my))
    assert my.printed("SELECT y FROM dst ORDER BY y") == ["NULL", "0000", "1999"]


def test_a_single_bit_of_postgresql_stays_one_whichever_way_it_takes(pg: Database) -> None:
    pg.execute("CREATE TABLE src (b bit, s text)", "INSERT INTO src VALUES (B'1', 'a'), (B'0', 'b'), (NULL, 'c')")
    pg.execute("CREATE TABLE same (b bit, s text)", "CREATE TABLE other (b bit, s varchar(9))")
    for table in ("same", "other"):
        run_job(reader(pg), writer(pg, table))
        assert pg.printed(f"SELECT b FROM {table} ORDER BY s") == ["1", "0", ""]


def test_rows_are_not_written_twice_where_they_must_be_read_again(my: Database) -> None:
    """A day that no calendar holds comes after much has been written."""
    my.execute("CREATE TABLE src (id int, d date, v char(100))", "CREATE TABLE dst (id int, d date, v char(100))")
    my.execute("INSERT INTO src SELECT seq, '2024-01-02', repeat('x', 100) FROM seq_1_to_150000")
    my.execute("SET SESSION sql_mode = ''", "UPDATE src SET d = '2024-00-09' WHERE id = 150000")
    run_job(reader(my, splitPk="id"), writer(my), channels=2)
    assert my.rows("SELECT count(*), count(DISTINCT id), min(d) FROM dst") == [(150_000, 150_000, date(2023, 12, 9))]


# What a stop must reach: DuckDB's own scanner, PostgreSQL's COPY, and MySQL's rows over a connection of ours.
WAYS = {
    "into a text": {},
    "into a table": {},
    "with a session": {"session": ["SET @x = 1"]},
}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("way", WAYS)
def test_a_query_that_computes_without_giving_rows_ends_with_the_job(
    db: Database, tmp_path: Path, way: str, number: signal.Signals
) -> None:
    source(db, "('1','a')")
    condition = {"postgresql": "pg_sleep(60) IS NOT NULL", "mysql": "SLEEP(60) = 0"}[db.server.kind]
    text = {"name": "txtfilewriter", "parameter": {"path": str(tmp_path), "fileName": "out", "writeMode": "truncate"}}
    target = text if way == "into a text" else writer(db)
    job = tmp_path / "job.json"
    job.write_text(json.dumps(document(reader(db, where=condition, **WAYS[way]), target)))
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", "engines.duckdb", str(job)], stdout=file)
    try:
        assert eventually(lambda: bool(computing(db)) or process.poll() is not None, 60)
        assert process.poll() is None, log.read_text()
        process.send_signal(number)
        assert process.wait(1) == (143 if number == signal.SIGTERM else -signal.SIGKILL)
    finally:
        process.kill()
    if number == signal.SIGKILL and db.server.kind == "mysql":
        # MySQL does not look whether its client is there before it has a row for it.
        assert computing(db)
        for (connection,) in computing(db):
            db.execute(f"KILL CONNECTION {connection}")
    assert eventually(lambda: not computing(db))


def computing(database: Database) -> list[tuple[int]]:
    """The connections whose query is at work, and not only looked at for its columns."""
    statements = {
        "postgresql": "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
        " AND clock_timestamp() - query_start > interval '0.3 s' AND query LIKE '%pg_sleep(60) IS%' AND pid <> pg_backend_pid()",
        "mysql": "SELECT id FROM information_schema.processlist WHERE db = database() AND time_ms > 300"
        " AND info LIKE '%SLEEP(60) = 0%' AND id <> CONNECTION_ID()",
    }
    return database.rows(statements[database.server.kind])


def test_a_postgresql_that_cannot_look_for_its_client_is_read_and_written_alike(
    pg: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgresql, "_LOOK", "no_such_parameter")
    pg.execute("CREATE TABLE dst (id int, v text)")
    source(pg, "('1','a')", "('2','b')")
    text = {"name": "txtfilewriter", "parameter": {"path": str(tmp_path), "fileName": "out", "writeMode": "truncate"}}
    run_job(reader(pg), text)
    assert run_job(reader(pg), writer(pg)).counts().passed == 2
    assert pg.rows("SELECT * FROM dst ORDER BY id") == [(1, "a"), (2, "b")]

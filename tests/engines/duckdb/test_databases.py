"""Readers and writers of PostgreSQL, MySQL and MariaDB, against real servers."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engines.duckdb.failure import Failure
from engines.duckdb.plan import plan
from engines.duckdb.rdbms import passing
from tests.databases import PASSWORD, Database, Server
from tests.engines.duckdb.jobs import document, reader, run_job, writer


@pytest.fixture(params=["pg", "my"])
def db(request: pytest.FixtureRequest) -> Database:
    """Each database in turn, with a target of a key and a text."""
    database: Database = request.getfixturevalue(request.param)
    database.execute("CREATE TABLE dst (id int PRIMARY KEY, v varchar(20) NOT NULL)")
    return database


def source(database: Database, *rows: str) -> None:
    """A table of texts, of which not all fit the target."""
    database.execute("CREATE TABLE src (id varchar(20), v varchar(60))")
    if rows:
        database.execute("INSERT INTO src VALUES " + ", ".join(rows))


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


def test_splitting_a_table_loses_and_doubles_no_row(db: Database) -> None:
    db.execute("CREATE TABLE src (k bigint, s varchar(20))", "CREATE TABLE copy (k bigint, s varchar(20))")
    db.execute(
        "INSERT INTO src VALUES (1,'a'), (1,'A'), (-5,'b'), (9223372036854775807,'Z'), (-9223372036854775808,''), "
        "(7,'ä'), (8,'张'), (NULL,NULL), (3,'zz'), (4,'_')"
    )
    for key in ("k", "s"):
        db.execute("DELETE FROM copy")
        session = run_job(reader(db, splitPk=key), writer(db, "copy"), channels=5)
        assert session.counts().read == 10
        assert sorted(map(str, db.rows("SELECT * FROM copy"))) == sorted(map(str, db.rows("SELECT * FROM src")))


@pytest.mark.parametrize("rows", ["", "INSERT INTO src VALUES (NULL, 'n')", "INSERT INTO src VALUES (3, 'one')"])
def test_a_table_with_no_range_of_keys_is_read_whole(db: Database, rows: str) -> None:
    db.execute(
        "CREATE TABLE src (id int, v varchar(20))", "CREATE TABLE copy (id int, v varchar(20))", *filter(None, [rows])
    )
    run_job(reader(db, splitPk="id"), writer(db, "copy"), channels=4)
    assert db.rows("SELECT * FROM copy") == db.rows("SELECT * FROM src")


def test_where_holds_for_each_range(db: Database) -> None:
    db.execute(
        "CREATE TABLE src (id int, v varchar(20))", "INSERT INTO src VALUES (1,'a'),(2,'b'),(3,'a'),(4,'c'),(9,'a')"
    )
    run_job(reader(db, splitPk="id", where="v = 'a' or v = 'c';"), writer(db), channels=3)
    assert [row[0] for row in db.rows("SELECT id FROM dst ORDER BY id")] == [1, 3, 4, 9]


def test_a_key_of_another_kind_is_refused(db: Database) -> None:
    db.execute("CREATE TABLE src (id int, v date)")
    with pytest.raises(Failure) as failure:
        run_job(reader(db, splitPk="v"), writer(db), channels=2)
    assert failure.value.code == "DBUtilErrorCode-04"


def test_several_tables_are_read_one_after_another_and_expanded(db: Database) -> None:
    for number in range(3):
        db.execute(f"CREATE TABLE t{number} (id int, v varchar(20))", f"INSERT INTO t{number} VALUES ({number}, 't')")
    session = run_job(reader(db, "t[0-2]"), writer(db))
    assert session.counts().read == 3


def test_several_queries_are_read(db: Database) -> None:
    queries = ["select 1 as id, 'a' as v;", "select 2 as a, 'b' as b order by 1"]
    connection = {"jdbcUrl": [db.jdbc_url], "querySql": queries}
    run_job(reader(db, connection=[connection]), writer(db))
    assert db.rows("SELECT * FROM dst ORDER BY id") == [(1, "a"), (2, "b")]


def test_tables_are_paired_with_parts_or_the_job_is_refused(db: Database) -> None:
    db.execute(
        "CREATE TABLE a (id int)", "CREATE TABLE b (id int)", "CREATE TABLE x (id int)", "CREATE TABLE y (id int)"
    )
    db.execute("INSERT INTO a VALUES (1)", "INSERT INTO b VALUES (2)")
    run_job(reader(db, "a,b"), writer(db, "x,y", postSql=["insert into @table values (9)"]))
    assert (db.rows("SELECT id FROM x ORDER BY 1"), db.rows("SELECT id FROM y ORDER BY 1")) == (
        [(1,), (9,)],
        [(2,), (9,)],
    )
    with pytest.raises(Failure) as failure:
        run_job(reader(db, "a"), writer(db, "x,y"))
    assert failure.value.code == "DBUtilErrorCode-00"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"column": ["id", "nope"]}, "DBUtilErrorCode-01"),
        ({"column": ["id"]}, "DBUtilErrorCode-00"),
        ({"column": ["id", "v", "x"]}, "DBUtilErrorCode-02"),
    ],
)
def test_columns_that_do_not_fit_fail_before_a_row_moves(db: Database, parameters: dict[str, Any], code: str) -> None:
    source(db, "('1','a')")
    with pytest.raises(Failure) as failure:
        run_job(reader(db), writer(db, **parameters))
    assert failure.value.code == code
    assert db.rows("SELECT * FROM dst") == []


@pytest.mark.parametrize(
    ("kind", "parameters", "code"),
    [
        ("pg", {"column": ["nope"]}, "DBUtilErrorCode-06"),
        ("pg", {"where": "nope = 1"}, "DBUtilErrorCode-06"),
        ("my", {"column": ["nope("]}, "DBUtilErrorCode-07"),
        ("my", {"table": "missing"}, "MYSQLErrCode-04"),
    ],
)
def test_a_query_that_fails_has_datax_code(
    kind: str, parameters: dict[str, Any], code: str, request: pytest.FixtureRequest
) -> None:
    database: Database = request.getfixturevalue(kind)
    database.execute("CREATE TABLE src (id int)", "CREATE TABLE dst (id int)")
    with pytest.raises(Failure) as failure:
        run_job(reader(database, **parameters), writer(database))
    assert failure.value.code == code


def test_a_missing_target_table_has_the_code_of_a_failed_statement(pg: Database, my: Database) -> None:
    for database, code in ((pg, "DBUtilErrorCode-06"), (my, "MYSQLErrCode-04")):
        source(database)
        with pytest.raises(Failure) as failure:
            run_job(reader(database), writer(database, "missing"))
        assert failure.value.code == code


def test_the_first_url_that_answers_is_read(db: Database) -> None:
    source(db, "('1','a')")
    dead = db.jdbc_url.replace(f":{db.server.port}/", ":1/")
    run_job(reader(db, connection=[{"jdbcUrl": [dead, db.jdbc_url], "table": ["src"]}]), writer(db))
    assert db.rows("SELECT * FROM dst") == [(1, "a")]


def test_mysql_begins_connections_with_the_session_statements(my: Database) -> None:
    my.execute("CREATE TABLE src (id int)", "INSERT INTO src VALUES (1)", "CREATE TABLE dst (v varchar(20))")
    run_job(reader(my, column=["@word"], session=["set @word = 'spoken'"]), writer(my, session=["set sql_mode='ANSI'"]))
    assert my.rows("SELECT v FROM dst") == [("spoken",)]
    with pytest.raises(Failure) as failure:
        run_job(reader(my, session=["set nonsense"]), writer(my))
    assert failure.value.code == "DBUtilErrorCode-14"


def test_a_schema_in_the_url_is_searched_first(pg: Database) -> None:
    pg.execute(
        'CREATE SCHEMA "my schema"', 'CREATE TABLE "my schema".src (id int)', 'INSERT INTO "my schema".src VALUES (5)'
    )
    pg.execute("CREATE TABLE dst (id int)")
    url = pg.jdbc_url + '?currentSchema="my%20schema",public'
    run_job(reader(pg, connection=[{"jdbcUrl": [url], "table": ["src"]}]), writer(pg))
    assert pg.rows("SELECT id FROM dst") == [(5,)]


def test_instants_keep_their_moment_and_read_as_datax_zone(pg: Database) -> None:
    pg.execute(
        "CREATE TABLE src (a timestamptz, b timestamptz, c timestamptz)",
        "CREATE TABLE dst (a timestamptz, b timestamp, c text)",
    )
    moment = "2024-01-02 03:04:05.678901+00"
    pg.execute(f"INSERT INTO src VALUES ('{moment}', '{moment}', '{moment}')")
    run_job(reader(pg), writer(pg))
    assert pg.rows(f"SELECT a = '{moment}', b::text, c FROM dst") == [
        (True, "2024-01-02 11:04:05.678901", "2024-01-02 11:04:05")
    ]


@pytest.mark.parametrize("fast", [True, False])
def test_types_that_datax_does_not_know_pass_through_postgresql(
    pg: Database, fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not fast:
        monkeypatch.setattr(passing, "possible", lambda *_: False)
    types = "u uuid, j jsonb, i interval, a int[], t time(3), n numeric, c char(4), b bit(3), e timestamp, d date"
    pg.execute(f"CREATE TABLE src ({types})", f"CREATE TABLE dst ({types})")
    pg.execute(
        "INSERT INTO src VALUES (gen_random_uuid(), '{\"a\": [1]}', '1 day 2 hours', '{1,NULL}', '24:00', "
        "1e-20, 'ab', B'101', 'infinity', '0044-03-15 BC'), (NULL,NULL,NULL,NULL,NULL,'NaN',NULL,NULL,'-infinity',NULL)"
    )
    run_job(reader(pg), writer(pg))
    assert pg.printed("SELECT * FROM dst") == pg.printed("SELECT * FROM src")


def test_odd_types_of_mysql_pass_through_it(my: Database) -> None:
    types = "t time(3), y year, b1 bit(1), b9 bit(20), e enum('x','y'), s set('a','b'), j json, f float, m decimal(65,10), z datetime"
    my.execute(f"CREATE TABLE src ({types})", f"CREATE TABLE dst ({types})")
    my.execute(
        "INSERT INTO src VALUES ('-12:34:56.789', 2024, b'1', b'10101', 'y', 'a,b', '{\"k\": \"v\"}', 16777217, "
        "1234567890123456789012345678901234567890.0123456789, '0000-00-00'), (NULL,NULL,b'0',NULL,NULL,NULL,NULL,1.1,NULL,NULL)"
    )
    run_job(reader(my), writer(my))
    columns = "t, y, b1+0, b9+0, e, s, j, f, m"
    assert my.printed(f"SELECT {columns} FROM dst") == my.printed(f"SELECT {columns} FROM src")
    # As DataX does, which reads a date of zeros as NULL.
    assert my.rows("SELECT z FROM dst") == [(None,), (None,)]


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_postgresql_is_spoken_to_over_tls(
    pg: Database, tls_in_front: Callable[[Server], Server], mode: str, tmp_path: Path
) -> None:
    pg.execute("CREATE TABLE src (id int)", "INSERT INTO src VALUES (7)", "CREATE TABLE dst (id int)")
    safe = tls_in_front(pg.server)
    url = f"jdbc:postgresql://localhost:{safe.port}/{pg.name}?sslmode={mode}&sslrootcert={safe.ca}"
    job = tmp_path / "job.json"
    source, target = {"jdbcUrl": [url], "table": ["src"]}, {"jdbcUrl": url, "table": ["dst"]}
    job.write_text(json.dumps(document(reader(pg, connection=[source]), writer(pg, connection=[target]))))
    # In a process of its own: the proxy lives in this one, which waits while DuckDB connects.
    done = subprocess.run(
        [sys.executable, "-m", "engines.duckdb", str(job)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout
    assert pg.rows("SELECT id FROM dst") == [(7,)]


def test_mysql_is_spoken_to_over_tls(my: Database) -> None:
    my.execute("CREATE TABLE src (id int)", "INSERT INTO src VALUES (7)", "CREATE TABLE dst (id int)")
    url = f"{my.jdbc_url}?useSSL=true&verifyServerCertificate=true&serverSslCert={my.server.ca}"
    login = {"username": "only_tls"}
    run_job(
        reader(my, connection=[{"jdbcUrl": [url], "table": ["src"]}], **login),
        writer(my, connection=[{"jdbcUrl": url, "table": ["dst"]}], **login),
    )
    assert my.rows("SELECT id FROM dst") == [(7,)]


@pytest.mark.parametrize(("kind", "code"), [("pg", "DBUtilErrorCode-10"), ("my", "MYSQLErrCode-01")])
@pytest.mark.parametrize("role", ["reader", "writer"])
def test_a_wrong_password_fails_at_once_and_is_not_shown(
    kind: str, code: str, role: str, request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]
) -> None:
    database: Database = request.getfixturevalue(kind)
    source(database, "('1','a')")
    database.execute("CREATE TABLE dst (id int, v text)")
    wrong = {role: {"password": "wr0ng'\\pass"}}
    with pytest.raises(Failure) as failure:
        run_job(reader(database, **wrong.get("reader", {})), writer(database, **wrong.get("writer", {})))
    assert failure.value.code == code
    shown = str(failure.value) + capfd.readouterr().out
    assert "wr0ng" not in shown and PASSWORD not in shown


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
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


@pytest.mark.parametrize(("kind", "code"), [("postgresql", "DBUtilErrorCode-10"), ("mysql", "MYSQLErrCode-02")])
def test_a_server_that_says_nothing_is_given_up_within_the_time_out(kind: str, code: str, pg: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        factor = 1000 if kind == "mysql" else 1
        url = f"jdbc:{kind}://127.0.0.1:{silent.getsockname()[1]}/d?connectTimeout={2 * factor}"
        dead = reader(pg, connection=[{"jdbcUrl": [url], "table": ["src"]}])
        began = time.monotonic()
        with pytest.raises(Failure) as failure:
            run_job({**dead, "name": f"{kind}reader"}, writer(pg))
    assert failure.value.code == code
    assert time.monotonic() - began < 5
    assert PASSWORD not in str(failure.value)


def test_rows_in_postgresql_s_own_form_are_refused_one_by_one_too(pg: Database) -> None:
    pg.execute("CREATE TABLE src (id int, v varchar(20))", "CREATE TABLE dst (id int PRIMARY KEY, v varchar(20))")
    pg.execute("INSERT INTO src VALUES (1, 'a'), (1, 'twice'), (2, 'b')")
    session = run_job(reader(pg), writer(pg), limit=1)
    assert (session.counts().passed, session.counts().failed) == (2, 1)
    assert pg.rows("SELECT * FROM dst ORDER BY id") == [(1, "a"), (2, "b")]


def test_ranges_and_a_wide_gap_of_rows_are_counted_right(pg: Database) -> None:
    pg.execute("CREATE TABLE src AS SELECT generate_series(1, 50001) AS id", "CREATE TABLE dst (id int)")
    assert run_job(reader(pg, splitPk="id"), writer(pg), channels=3).counts().passed == 50001
    assert pg.rows("SELECT count(DISTINCT id) FROM dst") == [(50001,)]


@pytest.mark.parametrize("kind", ["pg", "my"])
def test_a_rule_of_values_per_column(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """What DataX makes of texts for numbers, dates and times: empty is NULL, a date's format must be one of its own."""
    database: Database = request.getfixturevalue(kind)
    database.execute("CREATE TABLE dst (id int, n int, d date, ts timestamp NULL, t time)")
    lines = [
        "1,,,,",
        "2,7,2024-01-02,2024-01-02 03:04:05.678,03:04:05",
        "3,8,20240102,2024-01-02,00:00:00",
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


def test_dates_of_zeros_and_times_become_what_datax_makes_of_them(my: Database, tmp_path: Path) -> None:
    my.execute("CREATE TABLE src (d date, dt datetime(6), t time, y year, b bit(1), u tinyint(1))")
    my.execute("INSERT INTO src VALUES ('0000-00-00', '0000-00-00', '12:34:56', 2024, b'1', 5)")
    target = {"path": str(tmp_path), "fileName": "o", "writeMode": "truncate", "nullFormat": "-", "fieldDelimiter": ","}
    run_job(reader(my), {"name": "txtfilewriter", "parameter": target})
    (file,) = tmp_path.iterdir()
    assert file.read_text() == "-,-,12:34:56,2024,true,5\n"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"username": None}, "DBUtilErrorCode-03"),
        ({"password": None}, "DBUtilErrorCode-03"),
        ({"column": []}, "DBUtilErrorCode-03"),
        ({"column": ["*", "id"]}, "DBUtilErrorCode-02"),
        ({"connection": [{"jdbcUrl": ["jdbc:postgresql://h/d"]}]}, "DBUtilErrorCode-09"),
        (
            {"connection": [{"jdbcUrl": ["jdbc:postgresql://h/d"], "table": ["t"], "querySql": ["q"]}]},
            "DBUtilErrorCode-08",
        ),
        ({"connection": [{"jdbcUrl": [], "table": ["t"]}]}, "DBUtilErrorCode-03"),
        ({"connection": [{"jdbcUrl": ["jdbc:mysql://h/d"], "table": ["t"]}]}, "DBUtilErrorCode-00"),
        ({"fetchSize": 0}, "DBUtilErrorCode-02"),
        ({"mandatoryEncoding": "gbk"}, "DBUtilErrorCode-02"),
        ({"surprise": 1}, "Framework-03"),
    ],
)
def test_a_reader_with_wrong_parameters_is_refused_before_anything_is_opened(
    parameters: dict[str, Any], code: str
) -> None:
    connection = {"jdbcUrl": ["jdbc:postgresql://h/d"], "table": ["t"]}
    whole = {"username": "u", "password": "p", "column": ["id"], "connection": [connection], **parameters}
    given = {
        "name": "postgresqlreader",
        "parameter": {name: value for name, value in whole.items() if value is not None},
    }
    problems = plan(document(given, {"name": "streamwriter", "parameter": {}}))
    assert isinstance(problems, list)
    assert [getattr(problem, "code", "") for problem in problems] == [code]


@pytest.mark.parametrize(
    ("kind", "parameters", "code"),
    [
        ("postgresql", {"writeMode": "insert"}, "DBUtilErrorCode-00"),
        ("mysql", {"writeMode": "merge"}, "DBUtilErrorCode-02"),
        ("mysql", {"column": ["a", "A"]}, "DBUtilErrorCode-02"),
        ("mysql", {"batchSize": 0}, "DBUtilErrorCode-02"),
        ("postgresql", {"connection": [{"jdbcUrl": "jdbc:postgresql://h/d"}]}, "DBUtilErrorCode-03"),
        ("rdbms", {"connection": [{"jdbcUrl": "jdbc:oracle:thin:@h:1:x", "table": ["t"]}]}, "DBUtilErrorCode-00"),
    ],
)
def test_a_writer_with_wrong_parameters_is_refused(kind: str, parameters: dict[str, Any], code: str) -> None:
    url = f"jdbc:{'postgresql' if kind == 'rdbms' else kind}://h/d"
    whole = {
        "username": "u",
        "password": "p",
        "column": ["id"],
        "connection": [{"jdbcUrl": url, "table": ["t"]}],
        **parameters,
    }
    source = {"name": "streamreader", "parameter": {"sliceRecordCount": 1, "column": [{"type": "long", "value": 1}]}}
    problems = plan(document(source, {"name": f"{kind}writer", "parameter": whole}))
    assert isinstance(problems, list)
    assert [getattr(problem, "code", "") for problem in problems] == [code]


@pytest.mark.parametrize("kind", ["pg", "my"])
def test_the_plugins_for_any_database_serve_these_two(kind: str, request: pytest.FixtureRequest) -> None:
    database: Database = request.getfixturevalue(kind)
    database.execute("CREATE TABLE src (id int)", "INSERT INTO src VALUES (3)", "CREATE TABLE dst (id int)")
    run_job({**reader(database), "name": "rdbmsreader"}, {**writer(database), "name": "rdbmswriter"})
    assert database.rows("SELECT id FROM dst") == [(3,)]

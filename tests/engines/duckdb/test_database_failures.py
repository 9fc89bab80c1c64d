"""Connections, safe ones and failed ones, and jobs that are refused: each with DataX's code, none with a password."""

import json
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
from tests.databases import PASSWORD, Database, Server
from tests.engines.duckdb.jobs import document, reader, run_job, source, writer


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


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"username": None}, "DBUtilErrorCode-03"),
        ({"password": None}, "DBUtilErrorCode-03"),
        ({"column": []}, "DBUtilErrorCode-03"),
        ({"column": ["*", "id"]}, "DBUtilErrorCode-02"),
        ({"connection": [{"jdbcUrl": ["jdbc:postgresql://h/d"]}]}, "DBUtilErrorCode-09"),
        ({"connection": [{"jdbcUrl": ["jdbc:postgresql://h/d"], "table": []}]}, "DBUtilErrorCode-02"),
        (
            {"connection": [{"jdbcUrl": ["jdbc:postgresql://h/d"], "table": ["t"], "querySql": ["q"]}]},
            "DBUtilErrorCode-08",
        ),
        ({"connection": [{"jdbcUrl": [], "table": ["t"]}]}, "DBUtilErrorCode-03"),
        ({"connection": [{"jdbcUrl": ["jdbc:mysql://h/d"], "table": ["t"]}]}, "DBUtilErrorCode-00"),
        ({"fetchSize": 0}, "DBUtilErrorCode-03"),
        ({"fetchSize": "x"}, "Common-00"),
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
        ("mysql", {"column": ["a", "A"]}, "Common-00"),
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


@pytest.mark.parametrize(
    ("option", "problems"), [("tinyInt1isBit=true", 1), ("zeroDateTimeBehavior=CONVERT_TO_NULL", 0)]
)
def test_another_meaning_of_mysql_s_types_is_refused_where_the_url_decides(option: str, problems: int) -> None:
    connection = {"jdbcUrl": [f"jdbc:mysql://h/d?{option}"], "table": ["t"]}
    given = {"username": "u", "password": "p", "column": ["id"], "connection": [connection]}
    for name, expected in (("rdbmsreader", problems), ("mysqlreader", 0)):
        found = plan(document({"name": name, "parameter": given}, {"name": "streamwriter", "parameter": {}}))
        assert (len(found) if isinstance(found, list) else 0) == expected


@pytest.mark.parametrize(
    ("kind", "value", "target"),
    [
        ("my", "1.5", "bit(1)"),
        ("my", "DATE '2024-01-02'", "bit(1)"),
        ("my", "DATE '2024-01-02'", "blob"),
        ("pg", "1.5", "bytea"),
        ("pg", "true", "bytea"),
    ],
)
def test_a_kind_that_has_no_way_into_a_column_fails_the_job(
    kind: str, value: str, target: str, request: pytest.FixtureRequest
) -> None:
    database: Database = request.getfixturevalue(kind)
    database.execute(f"CREATE TABLE dst (v {target})")
    connection = {"jdbcUrl": [database.jdbc_url], "querySql": [f"SELECT {value} AS v"]}
    with pytest.raises(Failure) as failure:
        run_job(reader(database, connection=[connection]), writer(database), limit=9)
    assert failure.value.code == "Common-01"
    assert database.rows("SELECT * FROM dst") == []

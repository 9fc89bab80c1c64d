"""A look at what a job will meet: nothing is moved, nothing is written, and each fault is found at its parameter."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from datax_job.problem import Problem, Severity
from engines import dryrun, process
from tests.databases import Database
from tests.stack import free_port


def looked(job: dict[str, Any], folder: Path) -> list[Problem]:
    """What the process prints."""
    private = folder / "private"
    private.mkdir(exist_ok=True)
    for old in private.iterdir():
        old.unlink()
    output = {"stdout": bytearray(), "stderr": bytearray()}
    child = process.start(dryrun.launch(job, private))
    code = child.supervise(lambda stream, chunk: output[stream].extend(chunk), lambda: None, every=0.2)
    assert code == 0, output["stderr"].decode()
    return list(dryrun.read(output["stdout"].decode()))


def job(reader: dict[str, Any], writer: dict[str, Any]) -> dict[str, Any]:
    return {"job": {"setting": {"speed": {"channel": 1}}, "content": [{"reader": reader, "writer": writer}]}}


def places(problems: list[Problem]) -> set[str]:
    return {problem.pointer.split("/parameter/")[-1] for problem in problems}


class Tables:
    """A source and a target on one database; each test changes a parameter."""

    def __init__(self, database: Database, family: str) -> None:
        self.database, self.family = database, family
        database.execute("CREATE TABLE src (id int primary key, s varchar(20))")
        database.execute("CREATE TABLE dst (id int primary key, s varchar(20))")
        database.execute("INSERT INTO src VALUES (1, 'a')")

    def side(self, kind: str, table: str, **changed: Any) -> dict[str, Any]:
        urls = [self.database.jdbc_url] if kind == "reader" else self.database.jdbc_url
        connection = changed.pop("connection", None) or [{"jdbcUrl": urls, "table": [table]}]
        parameter = {
            "username": self.database.user,
            "password": self.database.password,
            "column": ["id", "s"],
            "connection": connection,
            **changed,
        }
        return {"name": f"{self.family}{kind}", "parameter": parameter}

    def job(self, reader: dict[str, Any] | None = None, writer: dict[str, Any] | None = None) -> dict[str, Any]:
        return job(self.side("reader", "src", **(reader or {})), self.side("writer", "dst", **(writer or {})))


@pytest.fixture(params=["postgres", "mariadb"])
def tables(request: pytest.FixtureRequest) -> Any:
    database = request.getfixturevalue(request.param).database()
    yield Tables(database, "postgresql" if request.param == "postgres" else "mysql")
    database.drop()


def rows(database: Database, table: str) -> int:
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_a_job_that_is_right_has_no_finding_and_moves_nothing(tables: Tables, tmp_path: Path) -> None:
    right = tables.job(
        {"where": "id > 0", "splitPk": "id", "column": ["id", "'constant'"]},
        {"preSql": ["DELETE FROM src"], "postSql": ["DROP TABLE dst"]},
    )
    assert looked(right, tmp_path) == []
    assert rows(tables.database, "src") == 1 and rows(tables.database, "dst") == 0


@pytest.mark.parametrize(
    ("reader", "writer", "place"),
    [
        ({"column": ["id", "nope"]}, {}, "column"),
        ({"column": ["id", "lower(nope)"]}, {}, "column"),
        ({"where": "nope = 1"}, {}, "column"),
        ({"splitPk": "nope"}, {}, "column"),
        ({"where": "id = = 1"}, {}, "where"),
        ({}, {"column": ["id", "nope"]}, "column"),
    ],
)
def test_a_wrong_column_or_condition_is_found(
    tables: Tables, tmp_path: Path, reader: dict[str, Any], writer: dict[str, Any], place: str
) -> None:
    found = looked(tables.job(reader, writer), tmp_path)
    assert places(found) == {place}
    side = "writer" if writer else "reader"
    assert all(problem.pointer.startswith(f"/job/content/0/{side}/") for problem in found)


@pytest.mark.parametrize("side", ["reader", "writer"])
def test_a_missing_table_is_found_once(tables: Tables, tmp_path: Path, side: str) -> None:
    urls = [tables.database.jdbc_url] if side == "reader" else tables.database.jdbc_url
    wrong = {"connection": [{"jdbcUrl": urls, "table": ["nope"]}]}
    found = looked(tables.job(**{side: wrong}), tmp_path)
    assert [problem.pointer for problem in found] == [f"/job/content/0/{side}/parameter/connection/0/table/0"]
    assert "nope" in found[0].message


def test_a_query_is_described_and_never_run(tables: Tables, tmp_path: Path) -> None:
    def query(sql: str) -> list[Problem]:
        connection = [{"jdbcUrl": [tables.database.jdbc_url], "querySql": [sql]}]
        return looked(tables.job({"connection": connection, "column": None}), tmp_path)

    assert query("SELECT id, s FROM src;") == []
    assert places(query("SELECT id FROM nope")) == {"connection/0/querySql/0"}
    assert places(query("DELETE FROM src")) == {"connection/0/querySql/0"}
    assert rows(tables.database, "src") == 1


def test_a_wrong_password_is_found_and_not_shown(tables: Tables, tmp_path: Path) -> None:
    found = looked(tables.job({"password": "not-the-password"}, {"password": "not-the-password"}), tmp_path)
    assert [problem.pointer for problem in found] == [
        f"/job/content/0/{side}/parameter/password" for side in ("reader", "writer")
    ]
    assert "not-the-password" not in "".join(problem.message for problem in found)


def test_a_server_that_is_not_there_is_found_at_its_url(tables: Tables, tmp_path: Path) -> None:
    gone = tables.database.jdbc_url.replace(str(tables.database.server.port), str(free_port()))
    found = looked(tables.job({"connection": [{"jdbcUrl": [gone], "table": ["src"]}]}), tmp_path)
    assert places(found) == {"connection/0/jdbcUrl"}


def test_missing_rights_are_found(tables: Tables, tmp_path: Path) -> None:
    tables.database.execute("CREATE TABLE hidden (id int)")
    name = "r" + tables.database.name
    if tables.family == "mysql":
        admin = Database(tables.database.server, "mysql")
        admin.execute(f"CREATE USER '{name}'@'%' IDENTIFIED BY 'secret-word'")
        admin.execute(f"GRANT SELECT ON {tables.database.name}.src TO '{name}'@'%'")
        admin.execute(f"GRANT SELECT ON {tables.database.name}.dst TO '{name}'@'%'")
    else:
        tables.database.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'secret-word'")
        tables.database.execute(f"GRANT SELECT ON src, dst TO {name}")
    who = {"username": name, "password": "secret-word"}
    found = looked(tables.job(who, who), tmp_path)
    assert [problem.pointer for problem in found] == ["/job/content/0/writer/parameter/username"], found
    hidden = {**who, "connection": [{"jdbcUrl": [tables.database.jdbc_url], "table": ["hidden"]}]}
    assert "/job/content/0/reader/parameter/username" in {
        problem.pointer for problem in looked(tables.job(hidden, who), tmp_path)
    }


def text(kind: str, **parameter: Any) -> dict[str, Any]:
    return {"name": f"txtfile{kind}", "parameter": parameter}


def test_files_that_are_not_there_or_not_allowed_are_found(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("1\n")
    out = tmp_path / "out"
    out.mkdir()
    (out / "r__1").write_text("")
    good = text("writer", path=str(out), fileName="r", writeMode="truncate")
    assert looked(job(text("reader", path=[str(tmp_path / "*.csv")]), good), tmp_path) == []
    missing = looked(job(text("reader", path=[str(tmp_path / "in.csv"), str(tmp_path / "none*")]), good), tmp_path)
    assert places(missing) == {"path/1"}
    conflict = text("writer", path=str(out), fileName="r", writeMode="nonConflict")
    assert places(looked(job(text("reader", path=[str(tmp_path / "in.csv")]), conflict), tmp_path)) == {"fileName"}
    file = text("writer", path=str(tmp_path / "in.csv"), fileName="r", writeMode="append")
    assert places(looked(job(text("reader", path=[str(tmp_path / "in.csv")]), file), tmp_path)) == {"path"}


def test_sqlite_is_looked_at_read_only(tmp_path: Path) -> None:
    def side(kind: str, path: Path, **parameter: Any) -> dict[str, Any]:
        url = f"jdbc:sqlite:{path}"
        connection = [{"jdbcUrl": [url] if kind == "reader" else url, "table": ["t"]}]
        return {"name": f"sqlite{kind}", "parameter": {"column": ["a"], "connection": connection, **parameter}}

    path = tmp_path / "a b.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (a int)")
    assert looked(job(side("reader", path), side("writer", path)), tmp_path) == []
    assert places(looked(job(side("reader", tmp_path / "no.db"), side("writer", tmp_path / "new.db")), tmp_path)) == {
        "connection/0/jdbcUrl"
    }
    assert not (tmp_path / "no.db").exists() and not (tmp_path / "new.db").exists()
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE t")
    found = looked(job(side("reader", path), side("writer", path, preSql=["CREATE TABLE t (a int)"])), tmp_path)
    assert [problem.severity for problem in found] == [Severity.ERROR, Severity.WARNING]


def test_findings_come_back_as_they_were(tmp_path: Path) -> None:
    odd = looked(
        job(text("reader", path=[str(tmp_path / "100% 数据%s")]), {"name": "streamwriter", "parameter": {}}), tmp_path
    )
    assert "100% 数据%s" in odd[0].message
    assert json.loads(dryrun.line(odd[0]))["severity"] == "error"

"""sqlitereader and sqlitewriter."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.engines.duckdb.inprocess import content, made, run, text_reader, text_writer, written


def database(folder: Path, *statements: str) -> Path:
    path = folder / "it's.db"
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return path


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def writer(path: Path, *columns: str, table: str = "t", **parameters: Any) -> dict[str, Any]:
    connection = [{"jdbcUrl": f"jdbc:sqlite:{path}", "table": [table]}]
    return {"name": "sqlitewriter", "parameter": {"column": list(columns), "connection": connection, **parameters}}


def reader(path: Path, column: Any = ("*",), **parameters: Any) -> dict[str, Any]:
    connection = [{"jdbcUrl": [f"jdbc:sqlite:{path}"], **(parameters.pop("of", {"table": ["t"]}))}]
    return {"name": "sqlitereader", "parameter": {"column": list(column), "connection": connection, **parameters}}


def source(folder: Path, text: str) -> dict[str, Any]:
    (folder / "in.txt").write_text(text)
    return text_reader(folder / "in.txt", [{"index": 0, "type": "long"}, {"index": 1, "type": "string"}])


def test_values_keep_their_type_and_their_digits(tmp_path: Path) -> None:
    path = database(tmp_path, "CREATE TABLE t (i INTEGER, d REAL, n NUMERIC, s TEXT, b BOOLEAN, m TIMESTAMP, x BLOB)")
    columns = [
        {"type": "long", "value": "9223372036854775807"},
        {"type": "double", "value": "0.1"},
        {"type": "double", "value": "12345678901234567890.123"},
        {"type": "string", "value": "é😀 'q'"},
        {"type": "bool", "value": "true"},
        {"type": "date", "value": "2024-01-02 03:04:05"},
        {"type": "bytes", "value": "bytes"},
    ]
    outcome = run(content(made(*columns), writer(path, "i", "d", "n", "s", "b", "m", "x")), tmp_path)
    assert outcome.exit_code == 0, outcome.output
    found = rows(path, "SELECT * FROM t")
    assert found == [(2**63 - 1, 0.1, 12345678901234567890.123, "é😀 'q'", 1, "2024-01-02 03:04:05", b"bytes")]


def test_columns_may_be_some_in_another_order_or_all(tmp_path: Path) -> None:
    path = database(tmp_path, 'CREATE TABLE t (a TEXT, "odd ""name" INTEGER DEFAULT 7, c TEXT)')
    run(content(source(tmp_path, "1,x\n"), writer(path, 'odd "name', "c")), tmp_path)
    assert rows(path, "SELECT * FROM t") == [(None, 1, "x")]
    run(content(made({"value": "p"}, {"value": "2"}, {"value": "q"}), writer(path, "*")), tmp_path)
    assert rows(path, "SELECT * FROM t") == [(None, 1, "x"), ("p", 2, "q")]


def test_the_rows_a_table_refuses_are_found_and_the_others_arrive(tmp_path: Path) -> None:
    path = database(
        tmp_path, "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT NOT NULL)", "INSERT INTO t VALUES (5, 'old')"
    )
    outcome = run(
        content(source(tmp_path, "".join(f"{n % 9},s{n}\n" for n in range(20))), writer(path, "id", "s")), tmp_path
    )
    assert (outcome.exit_code, outcome.read, outcome.failed) == (0, 20, 12)
    assert len(outcome.dirty) == 10
    assert outcome.dirty[0]["type"] == "writer"
    assert "UNIQUE" in outcome.dirty[0]["exception"]
    assert rows(path, "SELECT count(*), min(s), max(s) FROM t") == [(9, "old", "s8")]


def test_too_many_refused_rows_change_nothing_at_all(tmp_path: Path) -> None:
    path = database(tmp_path, "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT)", "INSERT INTO t VALUES (1, 'old')")
    target = writer(path, "id", "s", preSql=["DELETE FROM @table"])
    outcome = run(content(source(tmp_path, "2,a\n2,b\n"), target, errorLimit={"record": 0}), tmp_path)
    assert (outcome.exit_code, outcome.code) == (1, "Framework-14")
    assert rows(path, "SELECT * FROM t") == [(1, "old")]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.txt", "it's.db", "the-job.json"]


def test_statements_before_and_after_belong_to_the_job(tmp_path: Path) -> None:
    path = database(tmp_path, "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT)", "INSERT INTO t VALUES (9, 'old')")
    before, after = ["DELETE FROM @table"], ["INSERT INTO @table SELECT 100, count(*) FROM @table"]
    run(content(source(tmp_path, "1,a\n2,b\n"), writer(path, "id", "s", preSql=before, postSql=after)), tmp_path)
    assert rows(path, "SELECT * FROM t") == [(1, "a"), (2, "b"), (100, "2")]


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH '{folder}/other.db' AS other",
        "ATTACH 'file:{folder}/other.db?mode=rwc' AS other",
        "ATTACH '{folder}/other' || '.db' AS other",
        "/* x */ attach database '{folder}/other.db' as other",
        "COMMIT; VACUUM INTO '{folder}/other.db'",
    ],
)
@pytest.mark.parametrize("when", ["preSql", "postSql"])
def test_no_statement_opens_another_file(statement: str, when: str, tmp_path: Path) -> None:
    path = database(tmp_path, "CREATE TABLE t (i INTEGER)")
    statements = statement.format(folder=tmp_path).split("; ")
    job = content(made({"type": "long", "value": "1"}), writer(path, "i", **{when: statements}))
    outcome = run(job, tmp_path)
    assert outcome.exit_code == 1 and "opens no other by ATTACH or VACUUM INTO" in outcome.output
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize(
    "query", ["SELECT 1); ATTACH '{folder}/other.db' AS other; --", "SELECT load_extension('{folder}/x.so')"]
)
def test_no_query_opens_another_file(query: str, tmp_path: Path) -> None:
    path = database(tmp_path, "CREATE TABLE t (i INTEGER)")
    read = reader(path, of={"querySql": [query.format(folder=tmp_path)]})
    outcome = run(content(read, text_writer(tmp_path)), tmp_path)
    assert outcome.exit_code == 1
    assert not (tmp_path / "other.db").exists()


def test_replace_takes_the_place_of_a_row_with_the_same_key(tmp_path: Path) -> None:
    path = database(tmp_path, "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT)", "INSERT INTO t VALUES (1, 'old')")
    outcome = run(content(source(tmp_path, "1,new\n"), writer(path, "id", "s", writeMode="replace")), tmp_path)
    assert outcome.failed == 0
    assert rows(path, "SELECT * FROM t") == [(1, "new")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"table": "none"}, "DBUtilErrorCode-06"),
        ({"preSql": ["NO SQL"]}, "DBUtilErrorCode-06"),
        ({"postSql": ["NO SQL"]}, "DBUtilErrorCode-06"),
        ({"batch": 1}, "Framework-03"),
        ({"column": []}, "DBUtilErrorCode-03"),
        ({"column": ["id"]}, "DBUtilErrorCode-00"),
        ({"column": ["id", "nothing"]}, "DBUtilErrorCode-05"),
    ],
)
def test_a_failure_says_what_and_changes_nothing(change: dict[str, Any], code: str, tmp_path: Path) -> None:
    path = database(tmp_path, "CREATE TABLE t (id INTEGER, s TEXT)")
    target = writer(path, "id", "s", table=change.pop("table", "t"))
    target["parameter"].update(change)
    outcome = run(content(source(tmp_path, "1,a\n"), target), tmp_path)
    assert (outcome.exit_code, outcome.code) == (1, code)
    assert rows(path, "SELECT count(*) FROM t") == [(0,)]


def test_reading_gives_what_sqlite_computes(tmp_path: Path) -> None:
    path = database(
        tmp_path,
        "CREATE TABLE t (id INTEGER, s TEXT, m DATE)",
        "INSERT INTO t VALUES (1,'a','2024-01-02'), (2,NULL,NULL)",
    )
    columns = ["id * 10", "'it''s'", "s", "m", "1.5", "x'61'", "NULL"]
    outcome = run(content(reader(path, columns, where="id > 0"), text_writer(tmp_path / "out")), tmp_path)
    assert outcome.exit_code == 0, outcome.output
    assert written(tmp_path / "out") == [b"10,it's,a,2024-01-02 00:00:00,1.5,a,null\n20,it's,null,null,1.5,a,null\n"]


def test_a_value_of_another_kind_than_its_column_arrives_as_text(tmp_path: Path) -> None:
    path = database(
        tmp_path,
        "CREATE TABLE t (i INTEGER, r REAL, m TIMESTAMP, b BOOLEAN, x BLOB)",
        "INSERT INTO t VALUES (1, 0.1, '2024-01-02 03:04:05', 1, x'00ff')",
        "INSERT INTO t VALUES ('one', 'tenth', 'never', 'yes', 'text')",
    )
    run(content(reader(path), text_writer(tmp_path / "out")), tmp_path)
    assert written(tmp_path / "out") == [b"1,0.1,2024-01-02 03:04:05,1,00FF\none,tenth,never,yes,text\n"]


def test_a_number_is_read_to_its_last_bit(tmp_path: Path) -> None:
    values = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 123456789.123456789]
    path = database(tmp_path, "CREATE TABLE t (r REAL)", *(f"INSERT INTO t VALUES ({value!r})" for value in values))
    run(content(reader(path), text_writer(tmp_path / "out")), tmp_path)
    assert [float(line) for line in written(tmp_path / "out")[0].split()] == values


def test_queries_and_several_tables(tmp_path: Path) -> None:
    path = database(
        tmp_path, "CREATE TABLE t (a)", "CREATE TABLE u (a)", "INSERT INTO t VALUES (1)", "INSERT INTO u VALUES (2)"
    )
    both = content(reader(path, ["a"], of={"table": ["t", "u"]}), text_writer(tmp_path / "out"))
    assert run(both, tmp_path).read == 2
    query = reader(path, [], of={"querySql": ["SELECT t.a, u.a AS a FROM t, u;"]})
    run(content(query, text_writer(tmp_path / "out")), tmp_path)
    assert written(tmp_path / "out") == [b"1,2\n"]


@pytest.mark.parametrize(
    ("url", "of", "code"),
    [
        ("jdbc:sqlite:/nowhere/x.db", {"table": ["t"]}, "DBUtilErrorCode-10"),
        ("jdbc:sqlite::memory:", {"table": ["t"]}, "DBUtilErrorCode-02"),
        ("jdbc:sqlite:x.db?cache=shared", {"table": ["t"]}, "DBUtilErrorCode-02"),
        ("jdbc:mysql://h/x", {"table": ["t"]}, "DBUtilErrorCode-02"),
        ("jdbc:sqlite:x.db", {"table": ["t"], "querySql": ["SELECT 1"]}, "DBUtilErrorCode-08"),
        ("jdbc:sqlite:x.db", {}, "DBUtilErrorCode-08"),
    ],
)
def test_what_cannot_be_read_says_why(url: str, of: dict[str, Any], code: str, tmp_path: Path) -> None:
    job = content(reader(Path("x"), of={"jdbcUrl": url, **of}), text_writer(tmp_path / "out"))
    assert run(job, tmp_path).code == code


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "no.db").write_text("this is not a database, and long enough to be seen to be none" * 20)
    outcome = run(content(reader(tmp_path / "no.db"), text_writer(tmp_path / "out")), tmp_path)
    assert outcome.code == "DBUtilErrorCode-10"
    assert "no.db" in outcome.output

"""What is read of a database, in which parts, and what becomes of its own types."""

from pathlib import Path

import pytest

from engines.duckdb.failure import Failure
from engines.duckdb.rdbms import binary, passing
from tests.databases import Database
from tests.engines.duckdb.jobs import reader, run_job, source, writer


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


@pytest.mark.parametrize("port", ["1", "bad_port"])
def test_the_first_url_that_answers_is_read(db: Database, port: str) -> None:
    source(db, "('1','a')")
    dead = db.jdbc_url.replace(f":{db.server.port}/", f":{port}/")
    run_job(reader(db, connection=[{"jdbcUrl": [dead, db.jdbc_url], "table": ["src"]}]), writer(db))
    assert db.rows("SELECT * FROM dst") == [(1, "a")]


def test_mysql_begins_connections_with_the_session_statements(my: Database) -> None:
    my.execute("CREATE TABLE src (id int)", "INSERT INTO src VALUES (1)", "CREATE TABLE dst (v varchar(20))")
    run_job(reader(my, column=["@word"], session=["set @word = 'spoken'"]), writer(my, session=["set sql_mode='ANSI'"]))
    assert my.rows("SELECT v FROM dst") == [("spoken",)]
    with pytest.raises(Failure) as failure:
        run_job(reader(my, session=["set nonsense"]), writer(my))
    assert failure.value.code == "DBUtilErrorCode-14"


def test_an_address_is_read_as_postgresql_shows_it(pg: Database) -> None:
    pg.execute("CREATE TABLE src (a inet)", "INSERT INTO src VALUES ('10.0.0.1'), ('10.0.0.0/8'), (NULL)")
    pg.execute("CREATE TABLE dst (a text)")
    run_job(reader(pg), writer(pg))
    assert pg.rows("SELECT a FROM dst ORDER BY a") == [("10.0.0.0/8",), ("10.0.0.1",), (None,)]


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


@pytest.mark.parametrize("way", ["as it is", "binary", "as csv"])
def test_types_that_datax_does_not_know_pass_through_postgresql(
    pg: Database, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way != "as it is":
        monkeypatch.setattr(passing, "possible", lambda *_: False)
    if way == "as csv":
        monkeypatch.setattr(binary, "select", lambda *_: None)
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


def test_ranges_and_a_wide_gap_of_rows_are_counted_right(pg: Database) -> None:
    pg.execute("CREATE TABLE src AS SELECT generate_series(1, 50001) AS id", "CREATE TABLE dst (id int)")
    assert run_job(reader(pg, splitPk="id"), writer(pg), channels=3).counts().passed == 50001
    assert pg.rows("SELECT count(DISTINCT id) FROM dst") == [(50001,)]


def test_dates_of_zeros_and_times_become_what_datax_makes_of_them(my: Database, tmp_path: Path) -> None:
    my.execute("CREATE TABLE src (d date, dt datetime(6), t time, y year, b bit(1), u tinyint(1))")
    my.execute("INSERT INTO src VALUES ('0000-00-00', '0000-00-00', '12:34:56', 2024, b'1', 5)")
    target = {"path": str(tmp_path), "fileName": "o", "writeMode": "truncate", "nullFormat": "-", "fieldDelimiter": ","}
    run_job(reader(my), {"name": "txtfilewriter", "parameter": target})
    (file,) = tmp_path.iterdir()
    assert file.read_text() == "-,-,12:34:56,2024,true,5\n"


@pytest.mark.parametrize("kind", ["pg", "my"])
def test_the_plugins_for_any_database_serve_these_two(kind: str, request: pytest.FixtureRequest) -> None:
    database: Database = request.getfixturevalue(kind)
    database.execute("CREATE TABLE src (id int)", "INSERT INTO src VALUES (3)", "CREATE TABLE dst (id int)")
    run_job({**reader(database), "name": "rdbmsreader"}, {**writer(database), "name": "rdbmswriter"})
    assert database.rows("SELECT id FROM dst") == [(3,)]


FLOATING = (
    *("0", "-0e0", "1", "0.1", "-2.5", "1e14", "1e15", "-1e15", "123456789012345.6", "2029574144263367.5", "9007199254740993"),
    *("3.641293233324115e15", "1e16", "1e20", "1.5e300", "1.7976931348623157e308", "1e-4", "1e-5", "1.25e-7", "-1e-15"),
    *("1e-16", "5.5e-17", "5e-324", "0.30000000000000004", "-261991", "NULL"),
)  # fmt: skip


def test_floating_numbers_of_mysql_have_the_servers_own_text(my: Database) -> None:
    my.execute(
        "CREATE TABLE src (id int, v double, f double(20,3))", "CREATE TABLE dst (id int, v varchar(40), f varchar(40))"
    )
    rows = ", ".join(f"({number}, {text}, {number}.5)" for number, text in enumerate(FLOATING))
    my.execute(f"INSERT INTO src VALUES {rows}")
    run_job(reader(my), writer(my))
    asked = "SELECT id, CAST(v AS CHAR), CAST(f AS CHAR) FROM src ORDER BY id"
    assert my.rows("SELECT * FROM dst ORDER BY id") == my.rows(asked)


def test_a_day_that_no_calendar_holds_is_read_as_java_reads_it(my: Database) -> None:
    my.execute("CREATE TABLE src (id int, d date, t datetime(3))", "CREATE TABLE dst (id int, d date, t datetime(3))")
    rows = "(1, '2024-00-00', '2024-03-00 10:00:00.5'), (2, '0000-00-00', '0000-00-00'), (3, '2024-02-29', '2024-02-29 01:02:03')"
    my.execute("SET SESSION sql_mode = ''", f"INSERT INTO src VALUES {rows}")
    session = run_job(reader(my), writer(my))
    assert session.counts().passed == 3
    assert my.printed("SELECT * FROM dst ORDER BY id") == [
        "1\t2023-11-30\t2024-02-29 10:00:00.500",
        "2\tNULL\tNULL",
        "3\t2024-02-29\t2024-02-29 01:02:03.000",
    ]


def test_blanks_that_fill_a_column_up_are_part_of_its_value(pg: Database) -> None:
    pg.execute("CREATE TABLE src (id int, v char(5))", "INSERT INTO src VALUES (1, 'ab'), (2, ''), (3, NULL)")
    pg.execute("CREATE TABLE dst (id int, v text)")
    run_job(reader(pg), writer(pg))
    assert pg.rows("SELECT * FROM dst ORDER BY id") == [(1, "ab   "), (2, "     "), (3, None)]

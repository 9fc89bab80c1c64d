"""Chunks that go into MySQL at the same time: what is in the table is what one after another would have left."""

import random
import threading
from pathlib import Path

import pymysql
import pytest

from engines.duckdb.rdbms.turns import Stopped, Turns
from engines.duckdb.writers import rdbms
from tests.databases import Database
from tests.engines.duckdb.inprocess import text_reader
from tests.engines.duckdb.jobs import run_job, writer

ROWS = 6000
KEYS = 900
LONGS = [{"index": 0, "type": "long"}, {"index": 1, "type": "string"}]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdbms, "CHUNK_BYTES", 4000)


@pytest.fixture
def lines(tmp_path: Path) -> list[tuple[int, str]]:
    """Keys that come again and again, mostly soon after: in the next chunk, which is loaded at the same time."""
    chance = random.Random(7)
    rows = [(number * KEYS // ROWS + chance.randrange(60), f"v{number}") for number in range(ROWS)]
    (tmp_path / "in.csv").write_text("".join(f"{key},{value}\n" for key, value in rows))
    return rows


def test_of_rows_with_one_key_the_first_arrives(my: Database, tmp_path: Path, lines: list[tuple[int, str]]) -> None:
    my.execute("CREATE TABLE dst (id int PRIMARY KEY, v varchar(20) NOT NULL)")
    first = dict(reversed(lines))
    session = run_job(text_reader(tmp_path / "in.csv", LONGS), writer(my), limit=ROWS)
    assert (session.counts().passed, session.counts().failed) == (len(first), ROWS - len(first))
    assert dict(my.rows("SELECT id, v FROM dst")) == first


def test_of_rows_that_replace_each_other_the_last_stays(
    my: Database, tmp_path: Path, lines: list[tuple[int, str]]
) -> None:
    my.execute("CREATE TABLE dst (id int PRIMARY KEY, v varchar(20) NOT NULL)")
    run_job(text_reader(tmp_path / "in.csv", LONGS), writer(my, writeMode="replace"))
    assert dict(my.rows("SELECT id, v FROM dst")) == dict(lines)


def test_the_server_numbers_the_rows_in_their_order(my: Database, tmp_path: Path, lines: list[tuple[int, str]]) -> None:
    my.execute("CREATE TABLE dst (n int PRIMARY KEY AUTO_INCREMENT, id int, v varchar(20))")
    run_job(text_reader(tmp_path / "in.csv", LONGS), writer(my, column=["id", "v"]))
    assert my.rows("SELECT id, v FROM dst ORDER BY n") == lines


def test_a_row_may_refer_to_one_just_before_it(my: Database, tmp_path: Path) -> None:
    my.execute("CREATE TABLE dst (id int PRIMARY KEY, v int, FOREIGN KEY (v) REFERENCES dst (id))")
    (tmp_path / "in.csv").write_text("".join(f"{number},{max(number - 1, 0)}\n" for number in range(ROWS)))
    run_job(text_reader(tmp_path / "in.csv", LONGS), writer(my))
    assert my.rows("SELECT count(*) FROM dst") == [(ROWS,)]


def test_a_lock_of_somebody_else_is_waited_for(my: Database, tmp_path: Path) -> None:
    my.execute("CREATE TABLE dst (id int PRIMARY KEY, v varchar(20))")
    (tmp_path / "in.csv").write_text("".join(f"{number},v\n" for number in range(ROWS)))
    other = _connection(my)
    other.cursor().execute("INSERT INTO dst VALUES (5, 'theirs')")
    release = threading.Timer(2.5, other.rollback)
    release.start()
    session = run_job(text_reader(tmp_path / "in.csv", LONGS), writer(my))
    release.join()
    other.close()
    assert (session.counts().passed, session.counts().failed) == (ROWS, 0)
    assert my.rows("SELECT count(*) FROM dst WHERE v = 'v'") == [(ROWS,)]


def _connection(database: Database) -> "pymysql.Connection[pymysql.cursors.Cursor]":
    server = database.server
    login = {"user": database.user, "password": database.password, "database": database.name}
    return pymysql.connect(host=server.host, port=server.port, **login)


def test_a_loader_that_fails_ends_those_that_wait_for_it() -> None:
    turns = Turns()
    ended: list[bool] = []

    def later() -> None:
        assert turns.begin()
        ended.append(turns.granted(1))
        turns.ended()
        with pytest.raises(Stopped):
            turns.wait(1)

    thread = threading.Thread(target=later)
    thread.start()
    turns.stop()
    thread.join()
    assert ended == [False]

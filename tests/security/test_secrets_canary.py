"""A password goes through a running product, and is then looked for in everything that the product keeps, prints and shows."""

import gzip
import http.cookiejar
import json
import re
import secrets
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests.databases import Database
from tests.stack import ROOT, Stack, new_stack

LOOK_SECONDS = 30.0


@pytest.fixture
def canary() -> str:
    return f"canary{secrets.token_hex(8)}"


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("canary")
    (folder / "tmp").mkdir()
    stack = new_stack(folder, TMPDIR=str(folder / "tmp"))
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture
def source(pg: Database, canary: str) -> Iterator[Database]:
    """A database whose user's password is the canary."""
    user = f"u_{canary[6:]}"
    pg.execute(
        f"CREATE ROLE {user} LOGIN PASSWORD '{canary}'",
        "CREATE TABLE t (a text)",
        f"GRANT ALL ON t TO {user}",
        f"INSERT INTO t VALUES ('{canary[::-1]}')",
    )
    yield Database(pg.server, pg.name, user, canary)
    pg.execute(f"DROP OWNED BY {user}", f"DROP ROLE {user}")


def job(source: Database, **parameter: Any) -> dict[str, Any]:
    reader = {"username": source.user, "password": source.password, "connection": connection(source, "select a from t")}
    content = {
        "reader": {"name": "postgresqlreader", "parameter": reader | parameter},
        "writer": {"name": "streamwriter", "parameter": {"print": True}},
    }
    return {"job": {"setting": {"speed": {"channel": 1}}, "content": [content]}}


def connection(source: Database, query: str, database: str | None = None) -> list[dict[str, Any]]:
    url = source.jdbc_url if database is None else source.jdbc_url.replace(source.name, database)
    return [{"jdbcUrl": [url], "querySql": [query]}]


def test_a_password_is_nowhere_but_in_the_process_that_needs_it(own_stack: Stack, source: Database) -> None:
    canary = source.password
    answers = _refusals(own_stack, source)
    slow = own_stack.submit(job(source, connection=connection(source, "select pg_sleep(3)::text")), name="slow")
    _await_state(own_stack, slow, "STARTED")
    while not any((own_stack.var_dir / "run").iterdir()):
        time.sleep(0.05)
    assert _processes_that_hold(canary) == []
    assert [str(path) for path in _files_that_hold(own_stack.var_dir.parent, canary) if not _private(path)] == []
    ids = [slow, *_tasks(own_stack, source), _by_name(own_stack, source)]
    ids.append(own_stack.call(f"/api/tasks/{ids[-1]}/rerun", {}).json()["id"])
    for task_id in ids:
        own_stack.finished(task_id)
    answers += _answers(own_stack, ids) + _pages(own_stack, ids)
    assert own_stack.call(f"/api/tasks/{slow}").json()["outcome"] == "succeeded"
    assert [answer for answer in answers if canary.encode() in answer] == []
    assert _broker_values_that_hold(own_stack, canary) == []
    assert _cells_that_hold(own_stack, canary) == []
    assert list(_files_that_hold(own_stack.var_dir.parent, canary)) == []
    assert canary not in own_stack.output


def test_a_job_that_is_delayed_crosses_the_broker_sealed(own_stack: Stack, source: Database) -> None:
    script = (
        "import json, sys; from celery_app import execute_datax_job as run; print(run.delay(json.load(sys.stdin)).id)"
    )
    given = json.dumps(job(source))
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, input=given, env=own_stack.env(), cwd=ROOT, capture_output=True, text=True, check=True
    )
    task_id = done.stdout.strip()
    _await_state(own_stack, task_id, "SUCCESS")
    assert own_stack.call(f"/api/tasks/{task_id}").json()["outcome"] == "succeeded"
    assert list(_files_that_hold(own_stack.var_dir.parent, source.password)) == []


def test_a_message_sent_by_its_name_alone_leaves_no_password_in_the_product(own_stack: Stack, source: Database) -> None:
    """The message itself carries the job, so while it waits the broker has the password: that is Celery's way."""
    task_id = _sent_through_celery(own_stack, job(source))
    _await_state(own_stack, task_id, "SUCCESS")
    assert _cells_that_hold(own_stack, source.password) == []
    assert _broker_values_that_hold(own_stack, source.password) == []
    answers = _answers(own_stack, [task_id]) + _pages(own_stack, [task_id])
    assert [answer for answer in answers if source.password.encode() in answer] == []
    assert source.password not in own_stack.output


def _refusals(stack: Stack, source: Database) -> list[bytes]:
    wrong = [
        job(source, password=[source.password]),
        job(source, connection=[{"jdbcUrl": f"jdbc:oracle:thin:u/{source.password}@//h:1/s"}]),
        job(source, connection=[{"jdbcUrl": [f"jdbc:mysql://h/d?password={source.password}"], "table": ["t"]}]),
    ]
    found = []
    for each in wrong:
        found += [stack.call("/api/tasks", {"job": each}), stack.call("/api/check", {"job": each})]
    assert {answer.status for answer in found} <= {200, 422}
    return [answer.body for answer in found]


def _tasks(stack: Stack, source: Database) -> list[str]:
    broken = f'{{"job": {{"password": "{source.password}", // password = {source.password}\n'
    return [
        stack.submit(job(source), name="with a row of a table"),
        stack.submit(job(source, password="${pw}"), params={"pw": source.password}),
        stack.submit(job(source, connection=connection(source, "select 1", "nothing_there"))),
        stack.submit(job(source, connection=connection(source, "select reverse(a) from t"))),
        stack.submit(job(source), type="validate", deep=True),
        stack.submit(broken, type="validate"),
        stack.submit(job(source, note=f"{source.jdbc_url}?password={source.password}"), type="validate"),
        stack.submit(job(source, password=source.password + "x")),
    ]


def _by_name(stack: Stack, source: Database) -> str:
    """A task that uses a data source with that password, which is tested before."""
    body = {"name": "canary", "family": "postgresql", "jdbc_url": source.jdbc_url, "username": source.user}
    assert stack.call("/api/datasources", {**body, "password": source.password}).status == 201
    assert stack.call("/api/datasources/canary/test", {}).json()["ok"] is True
    reader = {"name": "postgresqlreader", "parameter": {"datasource": "canary", "column": ["a"], "table": ["t"]}}
    content = {"reader": reader, "writer": {"name": "streamwriter", "parameter": {"print": True}}}
    return stack.submit({"job": {"setting": {"speed": {"channel": 1}}, "content": [content]}})


def _await_state(stack: Stack, task_id: str, state: str) -> None:
    until = time.monotonic() + LOOK_SECONDS
    while stack.call(f"/api/tasks/{task_id}").json().get("state") != state:
        assert time.monotonic() < until
        time.sleep(0.1)


def _processes_that_hold(text: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                if text.encode() in (process / name).read_bytes():
                    found.append(f"{process / name}: {(process / 'cmdline').read_bytes()[:200]!r}")
            except OSError:
                continue
    return found


def _files_that_hold(folder: Path, text: str) -> Iterator[Path]:
    for path in folder.rglob("*"):
        try:
            content = path.read_bytes() if path.is_file() else b""
        except FileNotFoundError:
            continue
        if content.startswith(b"\x1f\x8b"):
            content = gzip.decompress(content)
        if text.encode() in content:
            yield path


def _private(path: Path) -> bool:
    """Readable by its owner alone, in a folder of the same kind, of a run that is going on."""
    return (
        path.parent.parent.name == "run"
        and stat.S_IMODE(path.stat().st_mode) == 0o600
        and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    )


def _cells_that_hold(stack: Stack, text: str) -> list[str]:
    with sqlite3.connect(stack.var_dir / "datax-celery.db") as database:
        names = [row[0] for row in database.execute("select name from sqlite_master where type = 'table'")]
        found = []
        for name in names:
            for row in database.execute(f'select * from "{name}"'):
                found += [
                    name for cell in row if text in (cell.decode("latin-1") if isinstance(cell, bytes) else str(cell))
                ]
    return found


def _broker_values_that_hold(stack: Stack, text: str) -> list[bytes]:
    url = (stack.var_dir / "broker" / "url").read_text()
    with Redis.from_url(url) as broker:
        return [key for key in broker.scan_iter() if text.encode() in key + (broker.dump(key) or b"")]


def _answers(stack: Stack, ids: list[str]) -> list[bytes]:
    paths = [
        "/api/tasks",
        "/api/datasources",
        *(f"/api/tasks/{each}{part}" for each in ids for part in ("", "/result", "/log")),
    ]
    return [stack.call(path).body for path in paths]


def _pages(stack: Stack, ids: list[str]) -> list[bytes]:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    login = browser.open(f"{stack.url}/login").read().decode()
    token = re.search(r'name="csrf-token" content="([^"]+)"', login)
    assert token is not None
    form = {"username": stack.username, "password": stack.password, "csrf_token": token[1]}
    browser.open(f"{stack.url}/login", urllib.parse.urlencode(form).encode()).read()
    paths = ["/", *(f"/tasks/{each}{part}" for each in ids for part in ("", "/live", "/log.txt"))]
    paths += [f"/tasks/new?edit={each}" for each in ids]
    paths += [
        "/datasources",
        "/audit",
        "/audit/export.csv",
        "/audit/export.jsonl",
        "/tasks/export.csv",
        "/tasks/export.json",
    ]
    pages = [bytes(browser.open(stack.url + path).read()) for path in paths]
    assert b"******" in pages[1]
    return pages


def _sent_through_celery(stack: Stack, document: dict[str, Any]) -> str:
    from celery import Celery

    celery = Celery(broker=(stack.var_dir / "broker" / "url").read_text())
    return str(celery.send_task("execute_datax_job", [document], queue="default").id)

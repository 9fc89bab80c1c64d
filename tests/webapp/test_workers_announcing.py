"""The thread in which a worker announces itself, and how much memory it says that it has."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event

from webapp.config import SettingError, load
from webapp.extensions import db
from webapp.workers import memory, service
from webapp.workers.announcing import Announcer
from webapp.workers.models import Worker

# Holds some memory that is its own, and says when it has it.
HUNGRY = "import sys; data = b'x' * 50_000_000; print('ready', flush=True); sys.stdin.read()"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ANNOUNCE_SECONDS", 0.02)


@pytest.fixture
def facts() -> dict[str, Any]:
    return {"concurrency": 4, "queues": ["default"], "engines": []}


@pytest.fixture
def announcer(app: Flask, facts: dict[str, Any]) -> Iterator[Announcer]:
    announcer = Announcer(app, "1.2.3", lambda: dict(facts))
    announcer.start()
    until(lambda: row(announcer))
    yield announcer
    announcer.stop()


def row(announcer: Announcer) -> Worker | None:
    db.session.rollback()
    return db.session.get(Worker, announcer.id)


def until(holds: Callable[[], object]) -> None:
    limit = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < limit, "it did not come to pass"
        time.sleep(0.02)


def test_a_worker_says_who_and_where_it_is(app: Flask, announcer: Announcer) -> None:
    found = row(announcer)
    assert found is not None
    assert (found.name, found.pid, found.version) == (app.config["SETTINGS"].worker_name, os.getpid(), "1.2.3")
    assert (found.concurrency, found.queues) == (4, ["default"])
    assert found.own_bytes is not None and found.own_bytes > 10_000_000


def test_it_is_heard_of_again_and_again(announcer: Announcer) -> None:
    first = row(announcer)
    assert first is not None
    seen_at = first.seen_at
    until(lambda: (found := row(announcer)) and found.seen_at > seen_at)


def test_what_has_changed_is_told_and_nothing_else_is_written_again(
    announcer: Announcer, facts: dict[str, Any]
) -> None:
    written: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: written.append(call[2]))
    facts["queues"] = ["default", "slow"]
    until(lambda: (found := row(announcer)) and found.queues == ["default", "slow"])
    updates = [statement for statement in written if statement.startswith("UPDATE worker")]
    assert sum("queues=" in update for update in updates) == 1
    assert not any("engines=" in update for update in updates)


def test_a_worker_whose_row_was_removed_signs_on_again(announcer: Announcer) -> None:
    db.session.execute(delete(Worker))
    db.session.commit()
    until(lambda: row(announcer))


def test_a_worker_that_is_told_to_stop_says_so_before_it_is_gone(announcer: Announcer) -> None:
    announcer.stopping()
    until(lambda: (found := row(announcer)) and service.state(found) == "stopping")
    announcer.stop()
    found = row(announcer)
    assert found is not None and service.state(found) == "stopped"


def test_a_database_that_is_away_is_waited_for(announcer: Announcer, caplog: pytest.LogCaptureFixture) -> None:
    """Its table is: the same error class as a server that does not answer."""
    db.session.execute(db.text("ALTER TABLE worker RENAME TO elsewhere"))
    db.session.commit()
    until(lambda: "nobody hears of this worker" in caplog.text)
    db.session.execute(db.text("ALTER TABLE elsewhere RENAME TO worker"))
    db.session.commit()
    test_it_is_heard_of_again_and_again(announcer)


def test_the_memory_of_descendants_is_told_apart_from_the_workers_own() -> None:
    """Seen from the shell in between: nobody else's processes come and go below it."""
    shell = ["sh", "-c", f'"{sys.executable}" -S -c "{HUNGRY}"; true']
    with subprocess.Popen(shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.readline() == b"ready\n"
        found = memory.of_worker(child.pid)
        child.communicate()
    assert found.own is not None and found.own < 20_000_000
    assert found.engines is not None and 50_000_000 < found.engines < 90_000_000


def test_of_a_process_that_is_gone_nothing_is_told() -> None:
    assert memory.of_worker(2**22 + 1) == service.Memory()


def test_the_queues_of_a_worker_are_a_list_in_one_setting() -> None:
    assert load({}).queues == ("default",)
    assert load({"WORKER_QUEUES": "big, default,big"}).queues == ("big", "default")


@pytest.mark.parametrize("value", ["a b", "a,,b", "@one", "x" * 65])
def test_a_name_that_no_queue_can_have_stops_the_start(value: str) -> None:
    with pytest.raises(SettingError, match="WORKER_QUEUES"):
        load({"WORKER_QUEUES": value})

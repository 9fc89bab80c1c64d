"""Old logs are deleted, and the oldest when all together are too large."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import pytest
from flask import Flask

from tests.s3 import S3, s3  # noqa: F401
from webapp.config import ROOT
from webapp.logs import retention
from webapp.logs.local import LocalShelf
from webapp.logs.objects import ObjectShelf
from webapp.logs.retention import DAY_SECONDS, Retention
from webapp.logs.shelf import Shelf
from webapp.logs.store import LogStore, folder_of

Keep = Callable[..., str]


@pytest.fixture
def store(tmp_path: Path) -> LogStore:
    return LogStore(LocalShelf(tmp_path))


@pytest.fixture
def keep(store: LogStore, tmp_path: Path) -> Keep:
    """Keep a log that was last changed so many days ago; returns its task's id."""

    def keep(days: float, size: int = 1000, *, growing: bool = False) -> str:
        task_id = str(uuid4())
        writer = store.writer(task_id, 1)
        writer.write("stdout", os.urandom(size // 2).hex().encode())
        if not growing:
            writer.close()
        for path in (tmp_path / folder_of(task_id)).iterdir():
            then = time.time() - days * DAY_SECONDS
            os.utime(path, (then, then))
        return task_id

    return keep


def kept(store: LogStore, *task_ids: str) -> list[bool]:
    return [store.state(task_id, 1, fresh=True).kept for task_id in task_ids]


def test_without_settings_every_log_stays(store: LogStore, keep: Keep) -> None:
    old = keep(10_000)
    assert Retention(store.shelf, None, None).once() == 0
    assert kept(store, old) == [True]


def test_logs_that_are_too_old_are_deleted(store: LogStore, keep: Keep) -> None:
    old, young = keep(8), keep(6)
    assert Retention(store.shelf, 7 * DAY_SECONDS, None).once() == 1
    assert kept(store, old, young) == [False, True]


def test_the_oldest_are_deleted_until_the_rest_has_room(store: LogStore, keep: Keep) -> None:
    oldest, older, young, newest = (keep(days, 100_000) for days in (4, 3, 2, 1))
    one = sum(entry.size for entry in store.shelf.entries(folder_of(newest)))
    assert Retention(store.shelf, None, int(2.5 * one)).once() == 2
    assert kept(store, oldest, older, young, newest) == [False, False, True, True]


def test_of_logs_of_the_same_minute_no_more_are_deleted_than_must(store: LogStore, keep: Keep) -> None:
    ids = [keep(0, 100_000) for _ in range(10)]
    one = sum(entry.size for entry in store.shelf.entries(folder_of(ids[0])))
    assert Retention(store.shelf, None, int(4.5 * one)).once() == 6
    assert sum(kept(store, *ids)) == 4


def test_a_log_that_is_being_written_stays_until_its_worker_must_be_dead(store: LogStore, keep: Keep) -> None:
    running, dead = keep(0.9, growing=True), keep(1.1, growing=True)
    Retention(store.shelf, 0.5 * DAY_SECONDS, None).once()
    assert kept(store, running, dead) == [True, False]


def test_many_schedulers_at_once_delete_each_log_once(store: LogStore, keep: Keep) -> None:
    old, young = [keep(8) for _ in range(60)], keep(1)
    counts: list[int] = []
    all_of_them = [
        Thread(target=lambda: counts.append(Retention(store.shelf, 7 * DAY_SECONDS, None).once())) for _ in range(4)
    ]
    for thread in all_of_them:
        thread.start()
    for thread in all_of_them:
        thread.join()
    assert len(counts) == 4, "none of them failed"
    assert not any(kept(store, *old)) and kept(store, young) == [True]


@pytest.mark.parametrize("place", ["memory", "s3"])
def test_logs_in_an_object_store_have_an_age_too(place: str, request: pytest.FixtureRequest) -> None:
    shelf: Shelf = ObjectShelf(f"memory://{uuid4()}", {})
    if place == "s3":
        server: S3 = request.getfixturevalue("s3")
        shelf = ObjectShelf(f"s3://logs/{uuid4()}", server.options)
    store, task_id = LogStore(shelf), str(uuid4())
    with store.writer(task_id, 1) as writer:
        writer.line("text")
    assert Retention(shelf, 3600, 10**9).once() == 0
    [held] = shelf.folders()
    assert held.folder == folder_of(task_id) and abs(held.changed - time.time()) < 600 and not held.growing
    assert Retention(shelf, None, 1).once() == 1
    assert not store.state(task_id, 1, fresh=True).kept


def test_the_scheduler_process_deletes_old_logs(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    store: LogStore = make_app().extensions["logs"]
    task_id = str(uuid4())
    with store.writer(task_id, 1) as writer:
        writer.line("text")
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path / "var"), "LOG_RETENTION_BYTES": "1"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "scheduler"]
    scheduler = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while store.state(task_id, 1).kept and time.monotonic() < until:
        time.sleep(0.05)
    scheduler.terminate()
    said = scheduler.communicate(timeout=30)[1].decode()
    assert not store.state(task_id, 1).kept and scheduler.returncode == 0
    assert "deleted the logs of 1 tasks" in said


def test_the_scheduler_looks_by_itself(make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "EVERY_SECONDS", 0.01)
    app, stop, task_id = make_app(LOG_RETENTION_BYTES="1"), Event(), str(uuid4())
    store: LogStore = app.extensions["logs"]
    with store.writer(task_id, 1) as writer:
        writer.line("text")
    thread = Thread(target=retention.forever, args=(store, app.config["SETTINGS"], stop))
    thread.start()
    until = time.monotonic() + 20
    while store.state(task_id, 1).kept and time.monotonic() < until:
        time.sleep(0.01)
    stop.set()
    thread.join()
    assert not store.state(task_id, 1).kept

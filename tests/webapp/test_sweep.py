"""What the scheduler does at each look, on each database."""

import contextlib
import os
import time
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from tests.conftest import stream
from webapp import clock
from webapp.config import Settings
from webapp.extensions import db
from webapp.results.execute import ExecuteResult
from webapp.states import Outcome, State
from webapp.tasks import attempts, private, publishing, queries, retention, rows, service, sweep
from webapp.tasks.attempts import Ending
from webapp.tasks.models import Task, TaskAttempt, TaskDocument, TaskResult
from webapp.tasks.submission import Submission

FAILED = ExecuteResult(success=False, exit_code=1, stdout="", stderr="why")


@pytest.fixture
def app(app_on_each_database: Flask) -> Flask:  # noqa: F811
    return app_on_each_database


class Clock:
    """A clock that only the test moves, in place of the sweep's own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(sweep, "monotonic", lambda: self.now)


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def waiting(**fields: object) -> str:
    return service.submit(Submission(job=stream(1), **fields), None).id  # type: ignore[arg-type]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of tasks whose messages were sent."""
    found: list[str] = []
    monkeypatch.setattr(publishing, "_send", lambda celery, task_id, *_: found.append(task_id))
    return found


def look(ticks: Clock, looks: sweep.Sweep, seconds: float) -> None:
    """Look once a second for so long."""
    for _ in range(int(seconds)):
        ticks.now += 1
        looks.once()


def test_a_worker_is_lost_when_its_heartbeat_stands_still(app: Flask, settings: Settings, ticks: Clock) -> None:
    task_id, looks = waiting(), sweep.Sweep(settings)
    attempts.claim(task_id, "w")
    look(ticks, looks, settings.lost_after - 1)
    assert queries.get(task_id).state == State.STARTED
    look(ticks, looks, 3)
    assert queries.get(task_id).outcome == Outcome.LOST


def test_a_heartbeat_keeps_a_task_whatever_time_it_says(app: Flask, settings: Settings, ticks: Clock) -> None:
    """The worker's clock is ten minutes behind, and is set back once more."""
    task_id, looks = waiting(), sweep.Sweep(settings)
    attempts.claim(task_id, "w")
    for minutes in (10, 9.9, 20, 19.9):
        behind = clock.now() - timedelta(minutes=minutes)
        db.session.execute(db.update(Task).values(heartbeat_at=behind))
        db.session.commit()
        look(ticks, looks, settings.lost_after - 5)
    assert queries.get(task_id).state == State.STARTED


def test_a_scheduler_that_slept_begins_to_count_anew(app: Flask, settings: Settings, ticks: Clock) -> None:
    task_id, looks = waiting(), sweep.Sweep(settings)
    attempts.claim(task_id, "w")
    look(ticks, looks, 2)
    ticks.now += 3600
    looks.once()
    assert queries.get(task_id).state == State.STARTED


def test_workers_get_their_time_anew_after_the_database_was_away(
    app: Flask, settings: Settings, ticks: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id, looks = waiting(), sweep.Sweep(settings)
    attempts.claim(task_id, "w")
    look(ticks, looks, settings.lost_after - 2)
    with monkeypatch.context() as away, pytest.raises(DBAPIError):
        away.setattr(sweep, "_running", gone)
        look(ticks, looks, 1)
    look(ticks, looks, settings.lost_after - 2)
    assert queries.get(task_id).state == State.STARTED
    look(ticks, looks, 4)
    assert queries.get(task_id).outcome == Outcome.LOST


def gone(*_: object, **__: object) -> Any:
    raise OperationalError("SELECT", {}, ConnectionError("the server closed the connection"))


def test_nobody_is_lost_while_the_database_can_be_read_and_takes_no_writes(
    app: Flask, settings: Settings, ticks: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its disk is full, or it has become a replica: no worker can be heard, and each has a moment when it takes writes again."""
    task_id, looks = waiting(), sweep.Sweep(settings)
    won = attempts.claim(task_id, "w")
    assert won is not None
    with monkeypatch.context() as full:
        full.setattr(rows, "change", gone)
        for _ in range(int(settings.lost_after) + 5):
            with contextlib.suppress(DBAPIError):
                look(ticks, looks, 1)
    look(ticks, looks, 1)
    assert queries.get(task_id).state == State.STARTED
    attempts.beat(task_id, won.attempt, None)
    look(ticks, looks, settings.lost_after - 1)
    assert queries.get(task_id).state == State.STARTED


def test_a_row_that_a_machine_held_when_it_went_keeps_nothing_else_from_moving(
    app: Flask, settings: Settings, ticks: Clock, sent: list[str]
) -> None:
    if db.engine.dialect.name == "sqlite":
        return  # its file has one writer, on one machine
    held, waits, looks = waiting(), waiting(), sweep.Sweep(settings)
    attempts.claim(held, "w")
    db.session.execute(db.update(Task).values(created_at=clock.now() - timedelta(minutes=1)))
    db.session.commit()

    def look_long() -> None:
        with app.app_context():
            look(ticks, looks, settings.lost_after + 2)

    with db.engine.connect() as machine:
        machine.execute(db.update(Task).where(Task.id == held).values(progress={}))
        looking = Thread(target=look_long)
        looking.start()
        looking.join(20)
        assert not looking.is_alive() and sent == [waits]
        assert queries.get(held).state == State.STARTED
    look(ticks, looks, 1)
    assert queries.get(held).outcome == Outcome.LOST


def test_a_server_ends_the_transaction_of_a_machine_that_is_gone(app: Flask) -> None:
    asked = {
        "postgresql": "SELECT current_setting('idle_in_transaction_session_timeout')",
        "mysql": "SELECT @@idle_write_transaction_timeout",
        "sqlite": "SELECT '60'",
    }
    said = db.session.scalar(text(asked[db.engine.dialect.name]))
    assert str(said) in {"1min", "60"}


def test_a_part_of_the_look_that_fails_keeps_no_other_from_being_done(
    app: Flask, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down() -> None:
        raise KeyError("what nobody foresaw")

    task_id, stop = waiting(), Event()
    db.session.execute(db.update(Task).values(created_at=clock.now() - timedelta(minutes=1)))
    db.session.commit()
    monkeypatch.setattr(attempts, "pull_forward", break_down)
    monkeypatch.setattr(sweep, "LOOK_SECONDS", 0.01)
    thread = Thread(target=sweep.forever, args=(app, stop))
    thread.start()
    until = time.monotonic() + 10
    while not sent and time.monotonic() < until:
        time.sleep(0.01)
    stop.set()
    thread.join()
    assert sent == [task_id]


def test_a_retry_timed_before_the_clock_was_set_back_is_pulled_forward(
    app: Flask, settings: Settings, ticks: Clock
) -> None:
    soon, later = waiting(retries=9), waiting(retries=9)
    for task_id in (soon, later):
        task = attempts.claim(task_id, "w")
        assert task is not None
        attempts.finish(task, Ending(State.SUCCESS, Outcome.FAILED, FAILED))
    before = queries.get(later).not_before
    db.session.execute(db.update(Task).where(Task.id == soon).values(not_before=clock.now() + timedelta(minutes=10)))
    db.session.commit()
    sweep.Sweep(settings).once()
    assert attempts.claim(soon, "w") is not None
    assert queries.get(later).not_before == before


def test_a_task_that_came_too_late_is_revoked_at_the_next_look(app: Flask, settings: Settings, ticks: Clock) -> None:
    task_id = waiting(expires=3600)
    looks = sweep.Sweep(settings)
    looks.once()
    assert queries.get(task_id).state == State.PENDING
    db.session.execute(db.update(Task).values(expires_at=clock.now() - timedelta(seconds=1)))
    db.session.commit()
    looks.once()
    assert queries.get(task_id).state == State.REVOKED


def test_old_tasks_go_with_all_that_belongs_to_them_and_others_stay_whole(app: Flask, settings: Settings) -> None:
    old, running, young = waiting(), waiting(), waiting()
    for task_id in (old, young):
        task = attempts.claim(task_id, "w")
        assert task is not None
        with app.extensions["logs"].writer(task_id, 1) as writer:
            writer.line("said")
        attempts.finish(task, Ending(State.SUCCESS, Outcome.FAILED, FAILED))
    attempts.claim(running, "w")
    long_ago = clock.now() - timedelta(days=8)
    db.session.execute(db.update(Task).where(Task.id.in_([old, running])).values(created_at=long_ago))
    db.session.execute(db.update(Task).where(Task.id == old).values(finished_at=long_ago))
    db.session.commit()
    assert retention.once(settings) == 0, "without the setting everything is kept"
    assert retention.once(settings.model_copy(update={"task_retention_days": 7})) == 1
    assert queries.find(old) is None and app.extensions["logs"].read(old, 1, 0, 100).text == b""
    for table in (TaskResult, TaskDocument, TaskAttempt):
        assert db.session.query(table).filter_by(task_id=old).count() == 0
    assert queries.get(running).state == State.STARTED
    delivered = queries.delivered(young)
    assert delivered is not None and delivered.parsed() == FAILED
    assert app.extensions["logs"].read(young, 1, 0, 100).text == b"said\n"


def test_a_folder_that_a_killed_worker_left_is_removed_and_one_in_use_is_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private, "SETTLED_SECONDS", 0.0)
    left = settings.var_dir / "run" / "task-left"
    left.mkdir(parents=True)
    (left / "job.json").write_text("secret")
    done, held = Event(), Event()
    used: list[Path] = []

    def hold() -> None:
        with private.private_folder(settings) as folder:
            used.append(folder)
            held.set()
            done.wait(10)

    thread = Thread(target=hold)
    thread.start()
    held.wait(10)
    time.sleep(0.01)
    assert private.clean(settings) == 1
    assert not left.exists() and used[0].exists()
    done.set()
    thread.join()
    assert os.listdir(settings.var_dir / "run") == []


def test_a_task_that_was_made_long_ago_and_ended_lately_is_kept(app: Flask, settings: Settings) -> None:
    task = attempts.claim(waiting(), "w")
    assert task is not None
    attempts.finish(task, Ending(State.SUCCESS, Outcome.FAILED, FAILED))
    db.session.execute(db.update(Task).values(created_at=clock.now() - timedelta(days=8)))
    db.session.commit()
    assert retention.once(settings.model_copy(update={"task_retention_days": 7})) == 0
    assert queries.find(task.id) is not None

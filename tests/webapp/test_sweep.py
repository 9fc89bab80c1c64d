"""What the scheduler does at each look."""

import os
import time
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError, OperationalError

from tests.conftest import stream
from webapp import clock
from webapp.config import Settings
from webapp.extensions import db
from webapp.results.execute import ExecuteResult
from webapp.states import Outcome, State
from webapp.tasks import attempts, private, queries, retention, service, sweep
from webapp.tasks.attempts import Ending
from webapp.tasks.models import Task, TaskAttempt, TaskDocument, TaskResult
from webapp.tasks.submission import Submission

FAILED = ExecuteResult(success=False, exit_code=1, stdout="", stderr="why")


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


def gone() -> dict[tuple[str, int], object]:
    raise OperationalError("SELECT", {}, ConnectionError("the server closed the connection"))


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

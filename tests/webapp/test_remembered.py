"""Results that were read lately are answered without the database, and never for long."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import stream
from webapp.extensions import db
from webapp.results.execute import ExecuteResult
from webapp.states import Outcome, State, TaskType
from webapp.tasks import attempts, remembered, service
from webapp.tasks.attempts import Ending
from webapp.tasks.models import Task
from webapp.tasks.queries import Delivered
from webapp.tasks.remembered import RememberedResults
from webapp.tasks.submission import Submission


def final(size: int = 10) -> Delivered:
    return Delivered(TaskType.EXECUTE, State.SUCCESS, "x" * size)


def test_a_running_task_is_not_remembered() -> None:
    kept = RememberedResults()
    kept.keep("a", Delivered(TaskType.EXECUTE, State.STARTED, None))
    assert kept.get("a") is None


def test_a_result_is_forgotten_after_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(remembered, "monotonic", lambda: now)
    kept = RememberedResults()
    kept.keep("a", final())
    assert kept.get("a") == final()
    now += remembered.KEPT_SECONDS
    assert kept.get("a") is None


def test_the_room_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "KEPT_CHARACTERS", 800)
    kept = RememberedResults()
    for number in range(50):
        kept.keep(str(number), final(100))
        kept.keep(str(number), final(100))
    assert [number for number in range(50) if kept.get(str(number))] == list(range(42, 50))
    kept.keep("large", final(101))
    assert kept.get("large") is None, "one large result must not drive out all others"


def test_a_task_that_finishes_is_seen_at_the_next_poll(app: Flask, api: FlaskClient) -> None:
    task_id = service.submit(Submission(job=stream(1)), None).id
    assert api.get(f"/api/tasks/{task_id}/result").status_code == 202
    task = attempts.claim(task_id, "w")
    assert task is not None
    result = ExecuteResult(success=True, exit_code=0, stdout="", stderr="")
    attempts.finish(task, Ending(State.SUCCESS, Outcome.SUCCEEDED, result))
    assert api.get(f"/api/tasks/{task_id}/result").json == result
    db.session.execute(db.delete(Task))
    db.session.commit()
    assert api.get(f"/api/tasks/{task_id}/result").json == result

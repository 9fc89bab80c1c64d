"""From a won row to its ending, in the worker's process, with the embedded engine."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from engines import process
from tests.conftest import stream
from webapp.extensions import db
from webapp.states import Outcome, State, TaskType
from webapp.tasks import attempts, queries, rows, runner, sealed, service, submission, validation
from webapp.tasks.models import Task
from webapp.tasks.submission import Submission


def won(**fields: Any) -> Task:
    task = attempts.claim(service.submit(Submission(job=stream(1), **fields), None).id, "one")
    assert task is not None
    return task


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What engines were started, which they then are not."""
    found: list[Any] = []
    monkeypatch.setattr(process, "start", lambda launch, confinement: found.append(launch))
    return found


def fails_once(call: Callable[..., Any]) -> Callable[..., Any]:
    """The database answers at the second call."""
    errors = [OperationalError("SELECT", {}, ConnectionError("the server closed the connection"))]

    def answer(*arguments: Any) -> Any:
        if errors:
            raise errors.pop()
        return call(*arguments)

    return answer


def test_a_task_cancelled_before_its_engine_starts_starts_none(app: Flask, started: list[Any]) -> None:
    task = won(retries=1)
    service.cancel(task.id, by="admin")
    runner.run(task)
    found = queries.get(task.id)
    assert (found.state, found.outcome, started) == (State.REVOKED, Outcome.CANCELLED, [])
    delivered = queries.delivered(task.id)
    assert delivered is not None and "Cancelled by admin" in delivered.parsed()["stderr"]


def test_a_task_taken_from_its_worker_before_its_engine_starts_starts_none_there(
    app: Flask, started: list[Any]
) -> None:
    task = won(retries=1)
    assert attempts.declare_lost(queries.snapshot(task.id), 30)
    db.session.execute(db.update(Task).values(not_before=None))
    db.session.commit()
    assert attempts.claim(task.id, "two") is not None
    runner.run(task)
    assert started == []
    assert (queries.get(task.id).state, queries.get(task.id).worker) == (State.STARTED, "two")


def test_a_run_waits_for_a_database_that_goes_away_before_its_engine_starts(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "PAUSE_SECONDS", 0)
    for module, name in ((sealed, "opened"), (attempts, "beat")):
        task = won()
        with monkeypatch.context() as away:
            away.setattr(module, name, fails_once(getattr(module, name)))
            runner.run(task)
        assert queries.get(task.id).outcome == Outcome.SUCCEEDED


def test_a_check_waits_for_a_database_that_is_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "PAUSE_SECONDS", 0)
    task = won(type=TaskType.VALIDATE)
    monkeypatch.setattr(sealed, "opened", fails_once(sealed.opened))
    validation.run(task)
    assert queries.get(task.id).outcome == Outcome.VALID


@pytest.mark.parametrize("type", list(TaskType))
def test_an_error_that_nobody_foresaw_ends_the_task_at_once_and_tells_no_more_than_its_kind(
    app: Flask, monkeypatch: pytest.MonkeyPatch, type: TaskType
) -> None:
    def break_down(*_: Any) -> None:
        raise KeyError("a secret of the job")

    task = won(type=type)
    monkeypatch.setattr(submission, "problems_of", break_down)
    (runner if type is TaskType.EXECUTE else validation).run(task)
    found = queries.get(task.id)
    assert (found.state, found.outcome, found.error["code"]) == (State.FAILURE, Outcome.FAILED, "worker-error")
    assert "KeyError" in found.error["message"] and "secret" not in str(found.error)

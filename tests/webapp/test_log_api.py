"""The log call: which attempt's log it reads, and what it answers when there is none to read."""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import stream
from tests.webapp.visitor import Visitor
from webapp.extensions import db
from webapp.logs.store import LogStore
from webapp.results.execute import without_run
from webapp.states import Outcome, State
from webapp.tasks import attempts, runner, service
from webapp.tasks.attempts import Ending
from webapp.tasks.models import Task
from webapp.tasks.submission import Submission


def claimed(retries: int = 0) -> Task:
    """A task that a worker has won."""
    task = attempts.claim(service.submit(Submission(job=stream(1), retries=retries), None).id, "worker")
    assert task is not None
    return task


def failed(task: Task) -> None:
    error = {"code": "x", "message": "why", "hint": None}
    attempts.finish(task, Ending(State.SUCCESS, Outcome.FAILED, without_run("why"), error))


def again(task: Task) -> Task:
    """The next attempt of a task that waits for it."""
    db.session.execute(db.update(Task).values(not_before=None))
    db.session.commit()
    won = attempts.claim(task.id, "worker")
    assert won is not None
    return won


def say(app: Flask, task: Task, text: str) -> None:
    with app.extensions["logs"].writer(task.id, task.attempt) as writer:
        writer.line(text)


@pytest.fixture
def finished(app: Flask) -> Task:
    task = claimed()
    runner.run(task)
    return task


def test_the_latest_attempts_log_is_read_unless_another_is_asked_for(app: Flask, api: FlaskClient) -> None:
    task = claimed(retries=1)
    say(app, task, "the first")
    failed(task)
    second = again(task)
    say(app, second, "the second")

    path = f"/api/tasks/{task.id}/log"
    latest, first = api.get(path), api.get(f"{path}?attempt=1")
    assert (latest.text, latest.headers["X-Log-Attempt"], latest.headers["X-Log-Complete"]) == (
        "the second\n",
        "2",
        "false",
    )
    assert (first.text, first.headers["X-Log-Attempt"], first.headers["X-Log-Complete"]) == ("the first\n", "1", "true")
    failed(second)
    assert api.get(path).headers["X-Log-Complete"] == "true"


def test_the_log_of_a_task_that_waits_for_its_next_attempt_is_not_complete(app: Flask, api: FlaskClient) -> None:
    task = claimed(retries=1)
    say(app, task, "the first")
    failed(task)
    path = f"/api/tasks/{task.id}/log"
    assert api.get(path).headers["X-Log-Complete"] == "false"
    assert api.get(f"{path}?attempt=1").headers["X-Log-Complete"] == "true"


def test_a_task_that_has_not_started_has_an_empty_log(app: Flask, api: FlaskClient) -> None:
    task = service.submit(Submission(job=stream(1)), None)
    answer = api.get(f"/api/tasks/{task.id}/log")
    assert (answer.status_code, answer.text, answer.headers["X-Log-Complete"]) == (200, "", "false")


def test_there_is_no_log_of_an_attempt_that_was_not_made(app: Flask, api: FlaskClient) -> None:
    task = claimed()
    answer = api.get(f"/api/tasks/{task.id}/log?attempt=2")
    assert answer.status_code == 404 and "1 attempts" in answer.json["detail"]
    assert api.get(f"/api/tasks/{task.id}/log?attempt=0").status_code == 422


def test_a_reader_waits_for_the_next_line(app: Flask, api: FlaskClient) -> None:
    task = claimed()
    path = f"/api/tasks/{task.id}/log?wait=20"
    with app.extensions["logs"].writer(task.id, 1) as writer:
        thread = Thread(target=lambda: (time.sleep(0.3), writer.line("late")))
        thread.start()
        assert api.get(path).text == "late\n"
        thread.join()


def test_a_task_whose_log_was_deleted_keeps_its_result(app: Flask, api: FlaskClient, finished: Task) -> None:
    path = f"/api/tasks/{finished.id}"
    assert "hello" in api.get(f"{path}/log").text
    app.extensions["logs"].delete(finished.id)

    answer = api.get(f"{path}/log")

    assert (answer.status_code, answer.mimetype) == (410, "application/problem+json")
    assert "not kept" in answer.json["detail"]
    assert api.get(f"{path}/result").json["success"] is True


def test_the_page_of_a_task_whose_log_was_deleted_says_so(app: Flask, visitor: Visitor, finished: Task) -> None:
    app.extensions["logs"].delete(finished.id)
    assert "The log is not kept any more." in visitor.get(f"/tasks/{finished.id}").text
    assert visitor.get(f"/tasks/{finished.id}/log.txt").status_code == 410


def test_a_run_without_any_output_has_a_log_that_is_empty_and_not_gone(app: Flask, api: FlaskClient) -> None:
    task = claimed()
    app.extensions["logs"].writer(task.id, 1).close()
    failed(task)
    answer = api.get(f"/api/tasks/{task.id}/log")
    assert (answer.status_code, answer.text, answer.headers["X-Log-Complete"]) == (200, "", "true")


def test_while_the_store_is_away_the_page_is_shown_and_programs_are_told(
    make_app: Callable[..., Flask], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    with app.app_context():
        task = claimed()
        store: LogStore = app.extensions["logs"]
        monkeypatch.setattr(store.shelf, "_root", tmp_path / "a file" / "below")
        (tmp_path / "a file").write_text("in the way")
        visitor = Visitor(app)
        visitor.log_in()

        page, answer = visitor.get(f"/tasks/{task.id}"), visitor.get(f"/api/tasks/{task.id}/log")

        assert page.status_code == 200 and "The store of the logs cannot be reached now." in page.text
        assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
        db.session.remove()
        db.engine.dispose()


def test_a_log_is_no_longer_than_it_is_however_far_one_asks(finished: Task, api: FlaskClient) -> None:
    size = api.get(f"/api/tasks/{finished.id}/log").headers["X-Log-Size"]
    beyond = api.get(f"/api/tasks/{finished.id}/log?offset=99999999")
    assert beyond.data == b"" and beyond.headers["X-Log-Size"] == size and beyond.headers["X-Log-Complete"] == "true"

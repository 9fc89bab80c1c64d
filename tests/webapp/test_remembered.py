"""A finished task's result that is polled again is answered without the database: the same answer, to nobody else, never for long."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import stream
from webapp import clock
from webapp.accounts import service as accounts
from webapp.accounts import tokens
from webapp.accounts.roles import ALL_SCOPES
from webapp.extensions import db
from webapp.projects.models import Project
from webapp.results.execute import ExecuteResult
from webapp.states import Outcome, State
from webapp.tasks import attempts, remembered, service
from webapp.tasks.attempts import Ending
from webapp.tasks.models import Task
from webapp.tasks.submission import Submission


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept for seconds is kept for as long as a busy machine takes to a test."""
    monkeypatch.setattr(tokens, "CACHE_SECONDS", 600.0)
    monkeypatch.setattr(remembered, "KEPT_SECONDS", 600.0)


def finished(stdout: str = "") -> str:
    """The id of a task that succeeded, and can no longer be found in the database once `lose` was called."""
    task_id = service.submit(Submission(job=stream(1)), None).id
    finish(task_id, stdout)
    return task_id


def finish(task_id: str, stdout: str = "") -> ExecuteResult:
    task = attempts.claim(task_id, "w")
    assert task is not None
    result = ExecuteResult(success=True, exit_code=0, stdout=stdout, stderr="")
    attempts.finish(task, Ending(State.SUCCESS, Outcome.SUCCEEDED, result))
    return result


def lose() -> None:
    db.session.execute(db.delete(Task))
    db.session.commit()


def polled(task_id: str) -> str:
    return f"/api/tasks/{task_id}/result"


def test_a_task_that_finishes_is_seen_at_the_next_poll(app: Flask, api: FlaskClient) -> None:
    task_id = service.submit(Submission(job=stream(1)), None).id
    assert api.get(polled(task_id)).status_code == 202
    result = finish(task_id)
    assert api.get(polled(task_id)).json == result
    lose()
    assert api.get(polled(task_id)).json == result


def test_a_running_task_is_not_remembered(app: Flask, api: FlaskClient) -> None:
    task_id = service.submit(Submission(job=stream(1)), None).id
    assert api.get(polled(task_id)).json == {"state": "PENDING"}
    assert attempts.claim(task_id, "w") is not None
    assert api.get(polled(task_id)).json == {"state": "STARTED"}


def test_the_second_answer_is_the_first_one(app: Flask, api: FlaskClient) -> None:
    task_id = finished("中文 \u2028 €")
    first = api.get(polled(task_id))
    lose()
    second = api.get(polled(task_id))
    assert second.status == first.status == "200 OK"
    assert second.data == first.data
    assert second.headers.to_wsgi_list() == first.headers.to_wsgi_list()
    assert "Content-Security-Policy" in second.headers
    assert second.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("odd", ["?wait=-1", "?wait=0&wait=1", "?other=1", "/", "x"])
def test_only_the_same_request_is_answered_so(app: Flask, api: FlaskClient, odd: str) -> None:
    task_id = finished()
    assert api.get(polled(task_id)).status_code == 200
    assert api.get(polled(task_id) + odd).status_code in {404, 400, 422}


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT"])
def test_only_the_same_method_is_answered_so(app: Flask, api: FlaskClient, method: str) -> None:
    task_id = finished()
    assert api.get(polled(task_id)).status_code == 200
    assert api.open(polled(task_id), method=method).status_code == 405


def test_nobody_else_is_answered_so(app: Flask, api: FlaskClient) -> None:
    task_id = finished()
    assert api.get(polled(task_id)).status_code == 200
    stranger = app.test_client()
    assert stranger.get(polled(task_id)).status_code == 401
    assert stranger.get(polled(task_id), headers={"Authorization": "Bearer dxc_wrong"}).status_code == 401
    other = Project(name="other")
    db.session.add(other)
    db.session.commit()
    foreign = tokens.create(accounts.account_named("admin"), "foreign", project_id=other.id)
    assert stranger.get(polled(task_id), headers={"Authorization": f"Bearer {foreign}"}).status_code == 404


def test_a_host_that_is_not_ours_is_refused_also_then(make_app: Callable[..., Flask]) -> None:
    app = make_app(TRUSTED_HOSTS="localhost")
    with app.app_context():
        api = app.test_client()
        token = tokens.create(accounts.account_named("admin"), "tests")
        api.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        task_id = finished()
        assert api.get(polled(task_id)).status_code == 200
        assert api.get(polled(task_id), headers={"Host": "evil.example"}).status_code == 400


def test_a_revoked_token_is_refused_at_once(app: Flask, api: FlaskClient) -> None:
    task_id = finished()
    assert api.get(polled(task_id)).status_code == 200
    admin = accounts.account_named("admin")
    tokens.revoke(tokens.of(admin.id)[0].id, admin.id)
    assert api.get(polled(task_id)).status_code == 401


def test_a_token_that_runs_out_is_refused_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = clock.now() + timedelta(hours=1)
    token = tokens.create(accounts.account_named("admin"), "short", scopes=ALL_SCOPES, expires_at=ends)
    task_id = finished()
    api = app.test_client()
    assert api.get(polled(task_id), headers={"Authorization": f"Bearer {token}"}).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: ends)
    assert api.get(polled(task_id), headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_token_that_was_revoked_elsewhere_is_refused_within_seconds(
    app: Flask, api: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = finished()
    assert api.get(polled(task_id)).status_code == 200
    db.session.execute(db.delete(tokens.ApiToken))
    db.session.commit()
    later = tokens.monotonic() + tokens.CACHE_SECONDS
    monkeypatch.setattr(tokens, "monotonic", lambda: later)
    assert api.get(polled(task_id)).status_code == 401


def test_polls_that_are_answered_so_count_for_the_limit(make_app: Callable[..., Flask]) -> None:
    app = make_app(RATE_LIMIT="50")
    with app.app_context():
        token = tokens.create(accounts.account_named("admin"), "tests")
        api = app.test_client()
        api.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        task_id = finished()
        answers = (api.get(polled(task_id)) for _ in range(101))
        refused = next((answer for answer in answers if answer.status_code == 429), None)
        assert refused is not None, "100 are the limit of two windows"
        assert int(refused.headers["Retry-After"]) > 0


def test_a_result_is_forgotten_after_some_seconds(
    app: Flask, api: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = finished()
    assert api.get(polled(task_id)).status_code == 200
    lose()
    assert api.get(polled(task_id)).status_code == 200
    later = remembered.monotonic() + remembered.KEPT_SECONDS
    monkeypatch.setattr(remembered, "monotonic", lambda: later)
    assert api.get(polled(task_id)).status_code == 404


def test_the_room_is_bounded(app: Flask, api: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "KEPT_BYTES", 8 * 4096)
    tasks = [finished("x" * 2000) for _ in range(20)]
    large = finished("x" * 4000)
    for task_id in [*tasks, *tasks, large]:
        assert api.get(polled(task_id)).status_code == 200
    lose()
    codes = [api.get(polled(task_id)).status_code for task_id in tasks]
    assert codes == sorted(codes, reverse=True), "the last ones are kept"
    assert 8 <= codes.count(200) <= 12
    assert api.get(polled(large)).status_code == 404, "one large result must not drive out all others"


def test_small_answers_to_ever_new_requests_take_no_more(
    app: Flask, api: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "KEPT_BYTES", 16 * 1024)
    task_id = finished()
    for number in range(40):
        assert api.get(polled(task_id) + f"?wait=0.{number:03}").status_code == 200
    lose()
    codes = [api.get(polled(task_id) + f"?wait=0.{number:03}").status_code for number in range(40)]
    assert 5 <= codes.count(200) <= 16

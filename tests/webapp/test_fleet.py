"""Workers and queues as programs and people see them."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import stream
from tests.webapp.test_workers import announced, silent_for
from tests.webapp.visitor import Visitor, seen
from webapp import clock
from webapp.extensions import db
from webapp.projects.models import Project
from webapp.states import State
from webapp.tasks import service as tasks
from webapp.tasks.models import Task
from webapp.tasks.submission import Submission
from webapp.workers import service


def task(state: State = State.PENDING, **fields: object) -> Task:
    made = tasks.submit(Submission(job=stream(1), queue=str(fields.pop("queue", "default"))), None)
    for name, value in {"state": state, **fields}.items():
        setattr(made, name, value)
    db.session.commit()
    return made


def queue(api: FlaskClient, name: str) -> object:
    answer = api.get("/api/queues").get_json()
    return next(each for each in answer if each["name"] == name)


def test_a_worker_is_shown_with_all_that_it_said(api: FlaskClient) -> None:
    worker = announced(queues=["default", "slow"], own_bytes=1, engines_bytes=2)
    (shown,) = api.get("/api/workers").get_json()
    assert (shown["name"], shown["state"], shown["host"], shown["pid"]) == ("one", "alive", "host", 1)
    assert (shown["version"], shown["concurrency"], shown["queues"]) == ("1", 4, ["default", "slow"])
    assert shown["memory"] == {"worker": 1, "engines": 2}
    assert shown["seen_at"] == clock.iso(worker.seen_at)
    (engine,) = shown["engines"]
    assert (engine["name"], engine["readers"]) == ("datax", ["hdfsreader", "streamreader"])


def test_a_worker_is_shown_with_what_it_runs_and_since_when(api: FlaskClient) -> None:
    announced("one")
    announced("two")
    since = clock.now() - timedelta(minutes=5)
    mine = task(State.STARTED, worker="two", started_at=since, engine="datax", name="orders")
    task(State.SUCCESS, worker="two")
    one, two = api.get("/api/workers").get_json()
    assert one["running"] == []
    (running,) = two["running"]
    assert (running["id"], running["name"], running["engine"]) == (mine.id, "orders", "datax")
    assert running["started_at"] == clock.iso(since)
    assert (one["busy"], two["busy"]) == (0, 1)


def test_a_task_of_another_project_is_counted_but_not_shown(app: Flask, api: FlaskClient) -> None:
    announced("one")
    db.session.add(Project(id=77, name="others"))
    db.session.commit()
    task(State.STARTED, worker="one", name="secret name", project_id=77)
    answer = api.get("/api/workers")
    (shown,) = answer.get_json()
    assert (shown["busy"], shown["running"]) == (1, []) and "secret name" not in answer.text


def test_a_silent_worker_is_shown_as_away_with_what_it_may_still_run(api: FlaskClient) -> None:
    silent_for(announced("one"), service.AWAY_AFTER)
    task(State.STARTED, worker="one")
    (shown,) = api.get("/api/workers").get_json()
    assert shown["state"] == "away" and len(shown["running"]) == 1


def test_a_worker_that_signed_off_runs_nothing_even_where_another_has_its_name(api: FlaskClient) -> None:
    announced("one", id="first")
    announced("one", id="second")
    service.sign_off("first")
    task(State.STARTED, worker="one")
    shown = {worker["id"]: worker for worker in api.get("/api/workers").get_json()}
    assert (shown["first"]["state"], len(shown["first"]["running"])) == ("stopped", 0)
    assert (shown["second"]["state"], len(shown["second"]["running"])) == ("alive", 1)


def test_a_queue_tells_how_many_wait_and_run_and_who_serves_it(api: FlaskClient) -> None:
    announced("one", queues=["slow"])
    silent_for(announced("gone", queues=["slow"]), service.AWAY_AFTER)
    for state in (State.PENDING, State.RETRY, State.STARTED, State.SUCCESS):
        task(state, queue="slow")
    assert queue(api, "slow") == {
        "name": "slow",
        "paused": False,
        "paused_at": None,
        "paused_by": None,
        "waiting": 2,
        "running": 1,
        "workers": ["one"],
    }


def test_the_queue_of_tasks_that_nobody_serves_is_shown(api: FlaskClient) -> None:
    task(queue="nobody")
    found = queue(api, "nobody")
    assert isinstance(found, dict) and (found["waiting"], found["workers"]) == (1, [])


def test_a_queue_is_paused_and_resumed_by_name(api: FlaskClient) -> None:
    paused = api.post("/api/queues/slow/pause").get_json()
    assert (paused["paused"], paused["paused_by"]) == (True, "admin") and paused["paused_at"] is not None
    assert queue(api, "slow") == paused
    assert api.post("/api/queues/slow/resume").get_json()["paused"] is False


@pytest.mark.parametrize("name", ["a b", "x" * 65, "slow;"])
def test_a_name_that_no_queue_can_have_is_refused(api: FlaskClient, name: str) -> None:
    assert api.post(f"/api/queues/{name}/pause").status_code == 422
    assert service.paused() == {}


def test_who_is_not_signed_in_sees_and_pauses_nothing(app: Flask, stranger: Visitor) -> None:
    client = app.test_client()
    assert client.get("/api/workers").status_code == 401
    assert client.post("/api/queues/default/pause").status_code == 401
    assert stranger.get("/workers").status_code == 302
    assert stranger.post("/queues/default/pause").status_code == 302
    assert service.paused() == {}


def test_the_page_shows_workers_and_what_they_run(visitor: Visitor) -> None:
    announced("one", own_bytes=64 * 1024**2)
    task(State.STARTED, worker="one", name="orders", started_at=clock.now())
    page = seen(visitor.get("/workers").text)
    for shown in ("one", "alive", "1 of 4", "64 MiB", "orders", "datax 0.0.1", "hdfsreader"):
        assert shown in page


def test_the_page_says_how_to_start_a_first_worker(visitor: Visitor) -> None:
    assert "celery -A celery_app worker" in visitor.get("/workers").text


def test_the_page_pauses_and_resumes_a_queue(visitor: Visitor) -> None:
    assert visitor.post("/queues/default/pause").status_code == 302
    assert service.paused()["default"].paused_by == "admin"
    assert "paused by admin" in seen(visitor.get("/workers").text)
    visitor.post("/queues/default/resume")
    assert service.paused() == {}


def test_the_page_is_there_in_chinese(app: Flask) -> None:
    announced()
    visitor = Visitor(app, "zh-CN")
    visitor.log_in()
    page = seen(visitor.get("/workers").text)
    assert "在线" in page and "队列" in page and "alive" not in page


def test_names_that_somebody_else_chose_are_only_text(visitor: Visitor) -> None:
    announced("<script>alert(1)</script>", host="<b>", queues=["<i>"])
    page = visitor.get("/workers").text
    assert "<script>alert" not in page and "<b>" not in page and "<i>" not in page


def told(app: Flask, *command: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(command))
    return result.exit_code, result.output


def test_the_command_tells_who_is_alive_and_what_each_runs(app: Flask) -> None:
    announced("one")
    task(State.STARTED, worker="one")
    assert told(app, "workers") == (0, "one: alive, 1 of 4 tasks, queues default, engines datax\n")


def test_the_command_fails_where_nobody_takes_tasks(app: Flask) -> None:
    service.sign_off(announced("one").id)
    code, output = told(app, "workers")
    assert code == 1 and "one: stopped" in output and "no worker that is alive takes tasks" in output


def test_a_queue_is_paused_and_resumed_at_a_terminal(app: Flask) -> None:
    announced("one", queues=["slow"])
    task(queue="slow")
    code, output = told(app, "queue", "pause", "slow")
    assert code == 0 and output.startswith("slow: 1 waiting, 0 running, served by one, paused by ")
    assert "slow" in service.paused()
    assert told(app, "queue", "resume", "slow") == (0, "slow: 1 waiting, 0 running, served by one\n")
    assert "slow: 1 waiting" in told(app, "queue", "list")[1]
    assert told(app, "queue", "pause", "a b")[0] == 2

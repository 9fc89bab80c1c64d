"""Many tasks at once: cancelled, or run again."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp.test_lists import some
from tests.webapp.test_pages_tasks import finished, running, submitted
from tests.webapp.visitor import Visitor, seen
from webapp.accounts import service as accounts
from webapp.accounts.roles import Role
from webapp.extensions import db
from webapp.projects.models import Project
from webapp.states import State
from webapp.tasks import bulk, listing
from webapp.tasks.models import Task, TaskDocument


def send(visitor: Visitor, page: str) -> str:
    """Press the button of a page that says what will happen."""
    form = page[page.index('class="answer"') :]
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    data: dict[str, Any] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    return visitor.post("/tasks/selected/act", data).text


def elsewhere(task: Task) -> Task:
    """Move a task to a project that the visitor does not see."""
    project = Project(name="other")
    db.session.add(project)
    db.session.flush()
    task.project_id = project.id
    db.session.commit()
    return task


def state(task_id: str) -> str:
    db.session.expire_all()
    return db.session.get_one(Task, task_id).state


def test_nothing_happens_before_one_has_seen_what_will(visitor: Visitor) -> None:
    waiting, busy, done = submitted("waiting"), running("busy"), finished("done")
    page = visitor.post("/tasks/selected", {"action": "cancel", "id": [waiting.id, busy.id, done.id]}).text
    text = seen(page)
    assert "Cancel 2 tasks?" in text and "1 is waiting and ends at once." in text
    assert "1 is running and is stopped" in text and "1 other has finished already" in text
    assert state(waiting.id) == "PENDING"
    text = seen(send(visitor, page))
    assert "2 tasks cancelled" in text and "1 is still running and stops in a moment." in text
    assert state(waiting.id) == "REVOKED" and state(done.id) == "SUCCESS"


def test_what_finished_meanwhile_is_told_with_its_reason(visitor: Visitor) -> None:
    first, second = submitted("first"), submitted("second")
    page = visitor.post("/tasks/selected", {"action": "cancel", "id": [first.id, second.id]}).text
    db.session.get_one(Task, first.id).state = State.SUCCESS
    db.session.commit()
    text = seen(send(visitor, page))
    assert "1 task cancelled" in text
    assert f"1 could not be done {first.id} The task has already finished: its state is SUCCESS." in text


def test_all_that_match_means_all_pages_of_the_filter(visitor: Visitor) -> None:
    night, day = some(60, queue="night"), some(3)
    page = visitor.post("/tasks/selected", {"action": "cancel", "all": "yes", "queue": "night"}).text
    assert "Cancel 60 tasks?" in page and "and 40 more" in page
    send(visitor, page)
    assert {state(task_id) for task_id in night} == {"REVOKED"} and {state(task_id) for task_id in day} == {"PENDING"}


def test_more_than_fit_are_told(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST", 5)
    ids = some(8)
    page = visitor.post("/tasks/selected", {"action": "rerun", "all": "yes"}).text
    assert "More tasks match: these are the newest 5." in page
    assert ids[2] not in page and ids[3] in page


def test_a_page_that_is_sent_twice_runs_nothing_twice(visitor: Visitor) -> None:
    tasks = [finished("one"), finished("two")]
    page = visitor.post("/tasks/selected", {"action": "rerun", "id": [task.id for task in reversed(tasks)]}).text
    first, second = send(visitor, page), send(visitor, page)
    assert "2 tasks submitted" in first and "2 tasks submitted" in second
    names = [task.name for task in listing.page(listing.Filter(), 9).tasks]
    assert names == ["two", "one", "two", "one"], "and the new ones come in the order of the old ones"


def test_running_again_what_still_runs_is_warned_of(visitor: Visitor) -> None:
    page = visitor.post("/tasks/selected", {"action": "rerun", "id": [running("busy").id]}).text
    assert "1 of them has not finished yet, and will run twice." in page


def test_nothing_selected_is_said(visitor: Visitor) -> None:
    assert "No task is selected." in visitor.post("/tasks/selected", {"action": "rerun"}).text
    page = visitor.post("/tasks/selected", {"action": "cancel", "id": [finished("done").id]}).text
    assert "None of the selected tasks can be cancelled" in page
    assert visitor.post("/tasks/selected", {"action": "delete"}).status_code == 422
    assert visitor.post("/tasks/selected/act", {"action": ""}).status_code == 422


def test_an_address_that_is_asked_for_again_leads_to_the_list(visitor: Visitor) -> None:
    for path in ("/tasks/selected", "/tasks/selected/act"):
        assert visitor.get(path).location == "/tasks"


def test_tasks_of_another_project_are_not_even_named(visitor: Visitor) -> None:
    hidden = elsewhere(submitted("hidden"))
    assert "No task is selected." in visitor.post("/tasks/selected", {"action": "cancel", "id": [hidden.id]}).text
    text = seen(visitor.post("/tasks/selected/act", {"action": "cancel", "id": [hidden.id]}).text)
    assert "0 tasks cancelled" in text and f"There is no task '{hidden.id}'." in text
    assert state(hidden.id) == "PENDING"


def test_the_api_takes_ids_and_says_what_became_of_each(api: FlaskClient) -> None:
    waiting, done, hidden = submitted("waiting"), finished("done"), elsewhere(submitted("hidden"))
    ids = [waiting.id, done.id, hidden.id, "none", waiting.id]
    answer = api.post("/api/tasks/cancel", json={"ids": ids})
    assert answer.status_code == 200
    assert answer.json["done"] == [{"id": waiting.id, "task": waiting.id}]
    assert [(each["id"], each["status"]) for each in answer.json["refused"]] == [
        (done.id, 409),
        (hidden.id, 404),
        ("none", 404),
    ]
    assert answer.json["more"] is False


def test_the_api_takes_a_filter(api: FlaskClient) -> None:
    night, day = some(3, queue="night"), some(2)
    answer = api.post("/api/tasks/cancel", json={"filter": {"queue": "night"}}).json
    assert {each["id"] for each in answer["done"]} == set(night) and answer["refused"] == []
    assert {state(task_id) for task_id in day} == {"PENDING"}
    assert api.post("/api/tasks/cancel", json={"filter": {"queue": "night"}}).json["done"] == []


def test_a_repeat_with_the_same_key_returns_the_same_tasks(api: FlaskClient) -> None:
    done = finished("done")
    keyed = {"json": {"ids": [done.id]}, "headers": {"Idempotency-Key": "once"}}
    first = api.post("/api/tasks/rerun", **keyed).json
    assert api.post("/api/tasks/rerun", **keyed).json == first
    assert api.post("/api/tasks/rerun", json={"ids": [done.id]}).json["done"] != first["done"]
    new = first["done"][0]["task"]
    assert db.session.get_one(TaskDocument, new).content == db.session.get_one(TaskDocument, done.id).content


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ids": []},
        {"ids": ["a"], "filter": {}},
        {"ids": ["a"] * 501},
        {"filter": {"state": "DONE"}},
        {"filter": {"limit": 3}},
        {"everything": True},
    ],
)
def test_a_wrong_wish_is_refused_before_anything_happens(api: FlaskClient, body: dict[str, Any]) -> None:
    waiting = submitted("waiting")
    assert api.post("/api/tasks/cancel", json=body).status_code == 422
    assert state(waiting.id) == "PENDING"


def test_a_viewer_sees_the_list_without_boxes_and_may_not_act(app: Flask) -> None:
    task = submitted("waiting")
    accounts.create("vera", Role.VIEWER, "a-long-password-1")
    viewer = Visitor(app)
    viewer.log_in("a-long-password-1", username="vera")
    page = viewer.get("/tasks").text
    assert task.id in page and "checkbox" not in page and 'id="bulk"' not in page
    for path in ("/tasks/selected", "/tasks/selected/act"):
        assert viewer.post(path, {"action": "cancel", "id": [task.id]}).status_code == 403
    assert state(task.id) == "PENDING"


def test_a_form_without_its_security_token_is_refused(visitor: Visitor) -> None:
    task = submitted("waiting")
    assert visitor.send("POST", "/tasks/selected/act", data={"action": "cancel", "id": [task.id]}).status_code == 400
    assert state(task.id) == "PENDING"

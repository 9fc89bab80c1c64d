"""The JSON API of saved jobs, as another program meets it."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import stream
from tests.webapp.test_jobs_running import JOB


@pytest.fixture
def made(api: FlaskClient) -> Any:
    fields = {"name": "orders", "job": JOB, "params": {"more": "x"}, "tags": ["Sales"], "timeout": 60}
    answer = api.post("/api/jobs", json=fields)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == answer.json["links"]["self"] and answer.headers["ETag"] == '"1"'
    return answer.json


def match(version: int | str) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def test_a_saved_job_is_read_as_it_was_saved(api: FlaskClient, made: Any) -> None:
    found = api.get(made["links"]["self"])
    assert found.json == made and found.headers["ETag"] == '"1"'
    assert (made["name"], made["tags"], made["timeout"], made["engine"]) == ("orders", ["sales"], 60, "auto")
    assert (made["places"], made["valid"], made["problems"]) == (["day", "more"], True, [])
    assert made["changed_by"] == "admin" and "${day}" in made["job"]


def test_a_job_with_errors_is_saved_with_its_problems(api: FlaskClient) -> None:
    answer = api.post("/api/jobs", json={"name": "half", "job": '{\n "job":'})
    assert answer.status_code == 201 and answer.json["valid"] is False
    assert answer.json["problems"][0]["line"] == 2
    refused = api.post(f"{answer.json['links']['self']}/run", json={})
    assert refused.status_code == 422 and refused.json["errors"][0]["line"] == 2


def test_a_change_says_which_version_it_is_of(api: FlaskClient, made: Any) -> None:
    own = made["links"]["self"]
    assert api.patch(own, json={"timeout": 5}).status_code == 428
    assert api.patch(own, json={"timeout": 5}, headers=match(2)).status_code == 412
    changed = api.patch(own, json={"timeout": None, "note": "no end"}, headers=match(1))
    assert changed.status_code == 200 and changed.headers["ETag"] == '"2"'
    assert {**changed.json, "timeout": 60, "version": 1, "changed_at": made["changed_at"]} == made
    stale = api.patch(own, json={"timeout": 7}, headers=match(1))
    assert stale.status_code == 412 and "newest version is 2" in stale.json["detail"]
    assert api.patch(own, json={"timeout": 7}, headers={"If-Match": "*"}).json["version"] == 3
    assert api.patch(own, json={"tags": ["sales"]}, headers=match(3)).json["version"] == 3


def test_versions_are_listed_read_and_restored(api: FlaskClient, made: Any) -> None:
    own = made["links"]["self"]
    for number in range(1, 4):
        api.patch(own, json={"job": stream(number), "note": f"n{number}"}, headers={"If-Match": "*"})
    listed = api.get(f"{own}/versions?limit=3").json
    assert [(each["number"], each["note"]) for each in listed["items"]] == [(4, "n3"), (3, "n2"), (2, "n1")]
    rest = api.get(f"{own}/versions?cursor={listed['next_cursor']}").json
    assert [each["number"] for each in rest["items"]] == [1] and rest["next_cursor"] is None
    first = api.get(f"{own}/versions/1").json
    assert first["job"] == made["job"] and first["timeout"] == 60 and first["created_by"] == "admin"
    restored = api.post(f"{own}/restore", json={"version": 1}, headers=match(4))
    assert restored.json["version"] == 5 and restored.json["job"] == made["job"]
    assert api.post(f"{own}/restore", json={"version": 2}, headers=match(4)).status_code == 412
    assert api.post(f"{own}/restore", json={"version": 9}).status_code == 404
    assert api.get(f"{own}/versions/9").status_code == 404


def test_a_run_is_a_task_and_a_repeat_is_the_same_one(api: FlaskClient, made: Any) -> None:
    run = made["links"]["run"]
    missing = api.post(run, json={})
    assert missing.status_code == 422 and missing.json["errors"][0]["pointer"] == "/params/day"
    key = {"Idempotency-Key": "k"}
    task = api.post(run, json={"params": {"day": "1"}, "priority": 9}, headers=key)
    assert task.status_code == 202 and task.headers["Location"] == task.json["links"]["self"]
    assert task.json["job"] == {"id": made["id"], "version": 1} and task.json["priority"] == 9
    assert task.json["name"] == "orders" and task.json["timeout"] == 60
    assert api.post(run, json={"params": {"day": "1"}, "priority": 9}, headers=key).json["id"] == task.json["id"]
    assert api.post(run, json={"params": {"day": "2"}}, headers=key).status_code == 422
    assert [each["id"] for each in api.get(f"/api/tasks?job_id={made['id']}").json["items"]] == [task.json["id"]]
    assert api.post("/api/tasks", json={"job": stream(1)}).json["job"] is None


def test_lists_are_found_by_name_and_tag_page_by_page(api: FlaskClient, made: Any) -> None:
    for number in range(3):
        api.post("/api/jobs", json={"name": f"job {number}", "job": "{}", "tags": ["x"]})
    first = api.get("/api/jobs?limit=2").json
    second = api.get(f"/api/jobs?limit=2&cursor={first['next_cursor']}").json
    names = [[each["name"] for each in page["items"]] for page in (first, second)]
    assert names == [["job 0", "job 1"], ["job 2", "orders"]] and second["next_cursor"] is None
    assert [each["name"] for each in api.get("/api/jobs?tag=SALES").json["items"]] == ["orders"]
    assert [each["name"] for each in api.get("/api/jobs?text=ORD").json["items"]] == ["orders"]
    assert api.get("/api/jobs?cursor=!").status_code == 422


def test_a_name_that_is_taken_is_a_conflict(api: FlaskClient, made: Any) -> None:
    answer = api.post("/api/jobs", json={"name": "ORDERS", "job": "{}"})
    assert answer.status_code == 409 and answer.json["errors"][0]["pointer"] == "/name"


def test_a_deleted_job_is_gone_and_its_task_stays(api: FlaskClient, made: Any) -> None:
    task = api.post(made["links"]["run"], json={"params": {"day": "1"}}).json
    own = made["links"]["self"]
    assert api.delete(own).status_code == 428 and api.delete(own, headers=match(7)).status_code == 412
    assert api.delete(own, headers=match(1)).status_code == 204
    assert api.get(own).status_code == 404 and api.delete(own, headers=match(1)).status_code == 404
    assert api.get(task["links"]["self"]).json["job"] == {"id": made["id"], "version": 1}


@pytest.mark.parametrize("job_id", ["nothing", "a%00b", "x" * 36])
def test_what_is_not_there_is_not_found(api: FlaskClient, job_id: str) -> None:
    assert api.get(f"/api/jobs/{job_id}").status_code == 404
    assert api.post(f"/api/jobs/{job_id}/run", json={}).status_code == 404

"""POST /api/tasks: what is accepted, and that what is refused changes nothing."""

import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import stream
from webapp.extensions import db
from webapp.tasks.models import Task, TaskDocument

BIG = 9 * 1024 * 1024


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(Task)) or 0


def test_a_job_gets_its_id_at_once_and_waits_in_the_database_while_the_broker_is_away(
    api: FlaskClient, app: Flask
) -> None:
    answer = api.post("/api/tasks", json={"job": stream(1), "name": "hello"})

    assert answer.status_code == 202
    task = answer.json
    assert answer.headers["Location"] == f"/api/tasks/{task['id']}"
    assert task["state"] == "PENDING" and not task["ready"] and task["result"] is None
    assert task["name"] == "hello" and task["type"] == "execute" and task["engine"] == "auto"
    assert db.session.get(Task, task["id"]).published_at is None


def test_the_document_is_kept_byte_for_byte(api: FlaskClient) -> None:
    text = "// my job\n" + json.dumps(stream(1), indent=3).replace('"hello"', '"你好"')

    task_id = api.post("/api/tasks", json={"job": text}).json["id"]

    assert db.session.get(TaskDocument, task_id).content == text.encode()


def test_a_file_upload_is_a_submission_with_the_same_fields(api: FlaskClient) -> None:
    form = {
        "file": (io.BytesIO(json.dumps(stream(1)).replace("hello", "${who}").encode()), "job.json"),
        "name": "uploaded",
        "params": '{"who": "me"}',
        "retries": "2",
        "timeout": "60",
    }

    answer = api.post("/api/tasks", data=form, content_type="multipart/form-data")

    assert answer.status_code == 202, answer.json
    assert (answer.json["name"], answer.json["retries"], answer.json["timeout"]) == ("uploaded", 2, 60)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/job"),
        ({"job": 7}, "/job"),
        ({"job": None}, "/job"),
        ({"job": []}, "/job"),
        ({"job": stream(1), "timeout": "soon"}, "/timeout"),
        ({"job": stream(1), "timeout": 0}, "/timeout"),
        ({"job": stream(1), "timeout": True}, "/timeout"),
        ({"job": stream(1), "retries": -1}, "/retries"),
        ({"job": stream(1), "priority": 10}, "/priority"),
        ({"job": stream(1), "queue": "a b"}, "/queue"),
        ({"job": stream(1), "engine": "spark"}, "/engine"),
        ({"job": stream(1), "type": "run"}, "/type"),
        ({"job": stream(1), "deep": "yes"}, "/deep"),
        ({"job": stream(1), "name": ""}, "/name"),
        ({"job": stream(1), "name": "x" * 201}, "/name"),
        ({"job": stream(1), "name": "a\x00b"}, "/name"),
        ({"job": stream(1), "params": [1]}, "/params"),
        ({"job": stream(1), "params": {"a": {}}}, "/params/a"),
        ({"job": stream(1), "paramz": {}}, "/paramz"),
        ({"job": stream(1), "result": {}}, "/result"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_stored(api: FlaskClient, body: dict[str, Any], pointer: str) -> None:
    answer = api.post("/api/tasks", json=body)

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert pointer in {error["pointer"] for error in answer.json["errors"]}, answer.json
    assert answer.json["status"] == 422 and answer.json["detail"]
    assert rows() == 0


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"not json", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"text"', "application/json", 400),
        (b"null", "application/json", 400),
        (b'{"job": NaN}', "application/json", 400),
        (b'{"job": {}, "job": {}}', "application/json", 400),
        (b'{"job": "\xff\xfe"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"job": ' + b'{"a":' * 50_000, "application/json", 400),
        (json.dumps({"job": stream(1)}).encode(), "text/plain", 415),
        (json.dumps({"job": stream(1)}).encode(), "application/xml", 415),
        (b"", "multipart/form-data; boundary=x", 400),
        (b"a=b", "application/x-www-form-urlencoded", 415),
    ],
)
def test_a_body_that_cannot_be_read_gets_a_problem_document(
    api: FlaskClient, data: bytes, content_type: str, status: int
) -> None:
    answer = api.post("/api/tasks", data=data, content_type=content_type)

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert rows() == 0


@pytest.mark.parametrize(
    "job",
    [
        {},
        {"job": {}},
        {"job": {"content": []}},
        {"job": {"content": [{"reader": {"name": "nosuchreader", "parameter": {}}, "writer": {}}]}},
        "{",
        "[]",
        "nothing of the kind",
        "{} {}",
        '{"job": {"content": [], "content": []}}',
        '{"job": NaN}',
        '{"job": "\x00"}',
        "\ud800",
        '{"a":' * 200 + "1" + "}" * 200,
    ],
)
def test_an_execute_document_with_errors_is_refused_with_its_problems(api: FlaskClient, job: Any) -> None:
    answer = api.post("/api/tasks", data=json.dumps({"job": job}), content_type="application/json")

    assert answer.status_code == 422, answer.data
    assert answer.json["errors"] and all({"pointer", "detail"} <= set(error) for error in answer.json["errors"])
    assert rows() == 0


@pytest.mark.parametrize("job", ["{", "\ud800", "\x00", "", {"job": 1}, '{"a":' * 200])
def test_a_validate_task_takes_any_document(api: FlaskClient, job: Any) -> None:
    answer = api.post("/api/tasks", data=json.dumps({"job": job, "type": "validate"}), content_type="application/json")

    assert answer.status_code == 202, answer.data
    assert rows() == 1


def test_bytes_that_are_no_text_can_be_uploaded_for_a_validate_task(api: FlaskClient) -> None:
    form = {"file": (io.BytesIO(b'{"job": "\xff\xfe\x00"}'), "job.json"), "type": "validate"}

    answer = api.post("/api/tasks", data=form, content_type="multipart/form-data")

    assert answer.status_code == 202, answer.json
    assert db.session.get(TaskDocument, answer.json["id"]).content == b'{"job": "\xff\xfe\x00"}'


@pytest.mark.parametrize("kind", ["execute", "validate"])
def test_a_document_over_8_mib_is_too_large(api: FlaskClient, kind: str) -> None:
    answer = api.post("/api/tasks", json={"job": " " * BIG, "type": kind})

    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"
    assert rows() == 0


def test_a_request_over_the_servers_limit_is_too_large(api: FlaskClient) -> None:
    answer = api.post("/api/tasks", data=b" " * (25 * 1024 * 1024), content_type="application/json")

    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


def test_a_placeholder_without_a_value_is_an_error_at_submit(api: FlaskClient) -> None:
    job = json.loads(json.dumps(stream(1)).replace("hello", "${day}"))

    answer = api.post("/api/tasks", json={"job": job})

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/job/content/0/reader/parameter/column/0/value"
    assert "day" in answer.json["errors"][0]["detail"]


def test_a_problem_names_the_line_of_the_text_as_it_was_sent(api: FlaskClient) -> None:
    content = '"content": [{\n  "reader": {\n    "name": "nosuchreader",\n "parameter": {}}\n}]'
    text = '{"job": {"setting": {"speed": {"channel": 1}}, ' + content + "}}"

    answer = api.post("/api/tasks", json={"job": text})

    assert answer.status_code == 422
    named = {error["pointer"]: error["line"] for error in answer.json["errors"]}
    assert named["/job/content/0/reader/name"] == 3


def test_an_idempotency_key_makes_a_repeat_return_the_first_task(api: FlaskClient) -> None:
    headers = {"Idempotency-Key": "order-7"}
    first = api.post("/api/tasks", json={"job": stream(1)}, headers=headers)

    again = api.post("/api/tasks", json={"job": stream(1)}, headers=headers)

    assert again.status_code == 202
    assert again.json["id"] == first.json["id"]
    assert rows() == 1


def test_an_idempotency_key_of_another_request_is_refused(api: FlaskClient) -> None:
    headers = {"Idempotency-Key": "order-7"}
    api.post("/api/tasks", json={"job": stream(1)}, headers=headers)

    answer = api.post("/api/tasks", json={"job": stream(2)}, headers=headers)

    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json["detail"]
    assert rows() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer \udcff"},
    ],
)
@pytest.mark.parametrize(
    "path", ["/api/tasks", "/api/engines", "/api/tasks/x", "/api/tasks/x/result", "/api/tasks/x/log"]
)
def test_nobody_comes_in_without_a_right_token(app: Flask, headers: dict[str, str], path: str) -> None:
    answer = app.test_client().get(path, headers=headers)

    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_file_outside_the_roots_is_refused_with_how_to_allow_it(api: FlaskClient) -> None:
    job = stream(1, path="/etc", fileName="passwd")

    answer = api.post("/api/tasks", json={"job": job})

    assert answer.status_code == 422
    assert "FILE_ROOTS" in answer.json["errors"][0]["detail"]
    assert answer.json["errors"][0]["pointer"] == "/job/content/0/writer/parameter/path"

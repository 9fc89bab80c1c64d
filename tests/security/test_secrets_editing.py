"""Edit a task and run it: its secrets go along without being shown, and nowhere else."""

import json
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import stream
from tests.webapp.visitor import Visitor
from webapp.extensions import db
from webapp.tasks import sealed
from webapp.tasks.models import TaskDocument

CANARY = "c4n4ry-Wert"
TEXT = """\
{ // a comment, password: old
  "job": {"setting": {"speed": {"channel": 1}}, "content": [{
    "reader": {"name": "mysqlreader", "parameter": {
      "username": "u", "password": "@@", "column": ["id"],
      "connection": [{"table": ["t"], "jdbcUrl": ["jdbc:mysql://127.0.0.1:1/x?a=b&password=@@&c=d"]}]}},
    "writer": {"name": "streamwriter", "parameter": {"print": true, "token": "${t}", "secret": 12345}}}]}}
""".replace("@@", CANARY)


@pytest.fixture
def first(api: FlaskClient) -> str:
    body = {"job": TEXT, "type": "validate", "params": {"t": CANARY}}
    return str(api.post("/api/tasks", json=body).json["id"])


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    visitor = Visitor(app)
    visitor.log_in()
    return visitor


def form_of(visitor: Visitor, task_id: str) -> dict[str, Any]:
    """What the form of an edited task is filled with."""
    page = visitor.get(f"/tasks/new?edit={task_id}").text
    assert CANARY not in page and "sealed:" not in page and "gAAAA" not in page
    (text,) = re.findall(r'<textarea name="job"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    names = re.findall(r'name="param_name" value="([^"]+)"', page)
    values = re.findall(r'name="param_value" value="([^"]+)"', page)
    return {
        "job": unescape(text),
        "type": "validate",
        "secrets_of": task_id,
        "param_name": names,
        "param_value": values,
    }


def submitted(visitor: Visitor, form: dict[str, Any]) -> str:
    answer = visitor.post("/tasks/new", form)
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"].rpartition("/")[2])


def test_an_edited_task_keeps_its_secrets(visitor: Visitor, first: str) -> None:
    form = form_of(visitor, first)
    form["job"] = form["job"].replace('"column": ["id"]', '"column": ["id", "name"]')
    again = sealed.opened(submitted(visitor, form))
    expected = TEXT.replace('"column": ["id"]', '"column": ["id", "name"]').replace("password: old", "password: ******")
    assert again.content.decode() == expected and again.params == {"t": CANARY}


def test_an_edited_task_can_be_edited_again(visitor: Visitor, first: str) -> None:
    second = submitted(visitor, form_of(visitor, first))
    third = submitted(visitor, form_of(visitor, second))
    assert CANARY in sealed.opened(third).content.decode() and "12345" in sealed.opened(third).content.decode()


def test_the_database_still_holds_no_secret(visitor: Visitor, first: str) -> None:
    form = form_of(visitor, first)
    form["job"] = form["job"].replace('"username": "u"', '"username": "u", "apiKey": "an0ther-s3cret"')
    row = db.session.get_one(TaskDocument, submitted(visitor, form))
    assert CANARY.encode() not in row.content and b"an0ther-s3cret" not in row.content and CANARY not in str(row.params)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("127.0.0.1:1", "evil.example:1"),
        ("127.0.0.1:1", "127.0.0.1:2"),
        ("/x?a=b", "/x?a=b&socksProxyHost=evil"),
        ('"mysqlreader"', '"postgresqlreader"'),
        ('"username": "u"', '"username": "u", "host": "evil"'),
    ],
)
def test_a_secret_does_not_follow_to_another_address(visitor: Visitor, first: str, old: str, new: str) -> None:
    form = form_of(visitor, first)
    assert old in form["job"]
    answer = visitor.post("/tasks/new", {**form, "job": form["job"].replace(old, new)})
    assert (
        answer.status_code == 422
        and "another address" in unescape(answer.text)
        or "no secret of the task" in answer.text
    )
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"column": ["id"]', '"column": ["******"]'),
        ('"print": true', '"print": true, "more": "******"'),
        ("a=b&", "a=******&"),
        ('"secret": "******"', '"secret": "******x"'),
    ],
)
def test_a_mask_elsewhere_stands_for_nothing(visitor: Visitor, first: str, old: str, new: str) -> None:
    form = form_of(visitor, first)
    assert old in form["job"]
    answer = visitor.post("/tasks/new", {**form, "job": form["job"].replace(old, new)})
    assert answer.status_code == 422 and "stands for no secret" in unescape(answer.text)


def test_a_ciphertext_cannot_be_brought_along(api: FlaskClient, first: str) -> None:
    kept = db.session.get_one(TaskDocument, first).content.decode()
    (token, *_) = re.findall(r"\{sealed:v:[\w=-]+\}", kept)
    body = {"job": json.dumps({"job": {"column": [token]}}), "type": "validate", "secrets_of": first}
    assert api.post("/api/tasks", json=body).status_code == 422


def test_the_api_keeps_secrets_too(api: FlaskClient, visitor: Visitor, first: str) -> None:
    shown = form_of(visitor, first)["job"]
    body = {"job": shown, "type": "validate", "secrets_of": first, "params": {"t": "******"}}
    again = sealed.opened(api.post("/api/tasks", json=body).json["id"])
    assert again.params == {"t": CANARY} and CANARY in again.content.decode()
    assert api.post("/api/tasks", json={**body, "params": {"other": "******"}}).status_code == 422
    refused = api.post("/api/tasks", json={**body, "secrets_of": "nothing"})
    assert refused.status_code == 422 and refused.json["errors"][0]["pointer"] == "/secrets_of"


def test_a_mask_without_a_task_is_only_text(api: FlaskClient) -> None:
    body = {"job": '{"password": "******"}', "type": "validate"}
    assert sealed.opened(api.post("/api/tasks", json=body).json["id"]).content == b'{"password": "******"}'


FILLED = (
    '{"job": {"content": [{"reader": {"name": "postgresqlreader", "parameter": {"username": "u", "password": "${p1}", "column": ["id"], '
    '"connection": [{"table": ["t"], "jdbcUrl": ["jdbc:postgresql://real.invalid/d"]}]}}, '
    '"writer": {"name": "streamwriter", "parameter": {"print": true}}}]}}'
)
PRINTED = json.dumps(stream(1)).replace("hello", "${p1}")


@pytest.mark.parametrize(
    "job",
    [
        FILLED.replace("real.invalid", "other.invalid"),
        FILLED.replace("postgresqlreader", "mysqlreader"),
        FILLED.replace('"id"', '"${p1}"'),
        FILLED.replace('"u"', '"u$p1"'),
        PRINTED,
    ],
)
@pytest.mark.parametrize("kind", ["validate", "execute"])
def test_a_parameters_secret_goes_nowhere_else(api: FlaskClient, job: str, kind: str) -> None:
    first = api.post("/api/tasks", json={"job": FILLED, "type": "validate", "params": {"p1": CANARY}}).json["id"]
    again = {"job": job, "type": kind, "params": {"p1": "******"}, "secrets_of": first}
    answer = api.post("/api/tasks", json=again)
    assert answer.status_code == 422 and [each["pointer"] for each in answer.json["errors"]] == ["/params/p1"]
    assert "write the value out" in answer.json["detail"] and CANARY not in answer.text


@pytest.mark.parametrize("job", [FILLED, FILLED.replace('"id"', '"id", "name"'), json.dumps(stream(1)), FILLED[:-1]])
def test_a_parameters_secret_goes_along_where_it_was(api: FlaskClient, job: str) -> None:
    first = api.post("/api/tasks", json={"job": FILLED, "type": "validate", "params": {"p1": CANARY}}).json["id"]
    again = {"job": job, "type": "validate", "params": {"p1": "******"}, "secrets_of": first}
    answer = api.post("/api/tasks", json=again)
    assert answer.status_code == 202, answer.text
    assert sealed.opened(answer.json["id"]).params == {"p1": CANARY}
    assert CANARY not in json.dumps(db.session.get_one(TaskDocument, answer.json["id"]).params)


@pytest.mark.parametrize(
    "job",
    [
        '{"job": {"content": [{"reader": {"name": "mysqlreader", "parameter": {"password": "${p1}"}}}]} ',
        '{"job": {"content": [{"reader": {"name": "r", "parameter": {"jdbcUrl": "jdbc:mysql://h/d?user=u&password=$p1"}}}]}}',
        """{"job": {"content": [{"writer": {"name": "w", "parameter": {"preSql": "alter role x password '$p1'"}}}]}}""",
    ],
)
def test_a_parameter_that_may_be_secret_is_sealed(api: FlaskClient, visitor: Visitor, job: str) -> None:
    task = api.post("/api/tasks", json={"job": job, "type": "validate", "params": {"p1": CANARY}}).json["id"]
    assert CANARY not in json.dumps(db.session.get_one(TaskDocument, task).params)
    assert CANARY not in visitor.get(f"/tasks/{task}").text + visitor.get(f"/tasks/new?edit={task}").text

"""Documents and requests made to break what reads them, and names made to leave the folder they belong to."""

import gzip
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import stream
from webapp.logs import store
from webapp.tasks.models import ID_LENGTH

MIB = 1024 * 1024

BOMBS = {
    "nested arrays": "[" * 200_000,
    "nested and closed": "[" * 100_000 + "]" * 100_000,
    "nested objects": '{"a":' * 100_000,
    "nested in the job": '{"job":' * 50_000 + "1" + "}" * 50_000,
    "a number of a million digits": '{"job": ' + "9" * MIB + "}",
    "an exponent": '{"job": 1e999999999}',
    "many keys": json.dumps({f"k{number}": number for number in range(100_000)}),
    "one key again and again": "{" + '"job": 1,' * 100_000 + '"job": 1}',
    "one long string": json.dumps({"job": "x" * 7 * MIB}),
    "escapes": '{"job": "' + "\\u0041" * 200_000 + '"}',
    "half a surrogate": '{"job": "\\ud800"}',
    "comments": "/*" * 200_000,
    "nothing": "",
    "NaN": '{"job": NaN}',
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
@pytest.mark.parametrize("path", ["/api/tasks", "/api/check", "/api/tokens"])
def test_a_body_made_to_break_the_reader_is_refused(api: FlaskClient, path: str, bomb: str) -> None:
    answer = api.post(path, data=bomb, content_type="application/json")
    assert answer.status_code in {400, 413, 422} or (path, answer.status_code) == ("/api/check", 200), answer.text[:300]


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_document_made_to_break_the_reader_gets_its_answer(api: FlaskClient, bomb: str) -> None:
    answer = api.post("/api/check", json={"job": bomb})
    assert answer.status_code == 200 and answer.json["valid"] is False and answer.json["problems"]
    assert api.post("/api/tasks", json={"job": bomb}).status_code == 422


@pytest.mark.parametrize("depth", [10, 100, 1000])
def test_parameters_that_name_each_other_do_not_grow(api: FlaskClient, depth: int) -> None:
    params = {f"p{number}": f"${{p{number + 1}}}" * 10 for number in range(depth)}
    answer = api.post("/api/check", json={"job": stream(1, note="${p0}"), "params": params})
    assert answer.status_code == 200 and len(answer.data) < MIB


def test_more_parts_than_a_form_has_are_refused(api: FlaskClient) -> None:
    parts = {f"field{number}": "x" for number in range(2000)}
    assert api.post("/api/tasks", data=parts, content_type="multipart/form-data").status_code == 413


def test_a_compressed_body_is_not_unpacked(api: FlaskClient) -> None:
    packed = gzip.compress(json.dumps({"job": "x" * 50 * MIB}).encode())
    answer = api.post("/api/tasks", data=packed, content_type="application/json", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 400


def test_a_body_that_is_too_large_is_refused_by_its_length_alone(api: FlaskClient) -> None:
    class Unread:
        def read(self, size: int = -1) -> bytes:
            raise AssertionError("read")

    environ: dict[str, Any] = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(10**12)}
    answer = api.post("/api/tasks", content_type="application/json", environ_overrides=environ)
    assert answer.status_code == 413


TRAVERSALS = (
    "../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f%2e%2e%2fsecret_key",
    "..%5c..%5csecret_key",
    "%252e%252e%252fsecret_key",
    "....//....//secret_key",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "..",
    ".",
    "~",
    "secret_key%00",
    "file:%2f%2f%2fetc%2fpasswd",
    "a" * ID_LENGTH,
    "a" * 5000,
)


def test_no_task_has_an_id_as_long_as_that(api: FlaskClient) -> None:
    for path in ("", "/result", "/log", "/attempts", "/progress"):
        answer = api.get(f"/api/tasks/{'a' * 3000}{path}")
        assert answer.status_code == 404 and answer.content_type == "application/problem+json"
    assert api.post(f"/api/tasks/{'a' * 3000}/cancel").status_code == 404


@pytest.mark.parametrize("name", TRAVERSALS)
def test_a_task_id_names_no_file(api: FlaskClient, name: str) -> None:
    for path in (f"/api/tasks/{name}", f"/api/tasks/{name}/log", f"/api/tasks/{name}/result", f"/static/{name}"):
        answer = api.get(path)
        assert answer.status_code in {301, 302, 308, 404, 405, 422}, f"{path}: {answer.status_code}"
        assert "root:" not in answer.text


@pytest.mark.parametrize(
    "task_id", ["../../secret_key", "/etc/passwd", "a/../../b", "..", "a\x00b", "a" * 155, "é", ""]
)
def test_a_log_lies_in_its_folder_whatever_its_task_is_called(task_id: str) -> None:
    """A program may send a task through Celery under any id."""
    folder = store.folder_of(task_id)
    assert ".." not in folder and not folder.startswith("/") and "\x00" not in folder
    assert store.folder_of(task_id + "x") != folder

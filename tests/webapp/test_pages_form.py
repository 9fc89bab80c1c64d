"""The form of a new task: what comes in, what is refused, and that nothing typed is lost."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select

from tests.conftest import stream
from tests.webapp.visitor import Visitor, one, seen
from webapp.extensions import db
from webapp.tasks import queries
from webapp.tasks.models import Task

JOB = json.dumps(stream(1), indent=2)
EVIL = "\"'><script>alert('x')</script>\u202e</textarea><b>&amp;"


def tasks() -> int:
    return db.session.scalar(select(func.count()).select_from(Task)) or 0


def made(location: str) -> Task:
    assert re.fullmatch(r"/tasks/[0-9a-f-]{36}", location)
    return queries.get(location.removeprefix("/tasks/"))


def upload(content: bytes, name: str = "job.json") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def typed_job(page: str) -> str:
    """What the text area holds; HTML drops the first line end in it."""
    return one(r'<textarea name="job"[^>]*>\n(.*?)</textarea>', page)


def test_a_pasted_job_becomes_a_task_with_its_options(visitor: Visitor) -> None:
    fields = {
        "job": JOB.replace("\n", "\r\n"),
        "type": "execute",
        "name": "每日 hello",
        "engine": "duckdb",
        "timeout": "60",
        "retries": "2",
        "queue": "night",
        "priority": "9",
        "param_name": ["day", ""],
        "param_value": ["2026-01-31", ""],
    }
    task = made(visitor.post("/tasks/new", fields).location)
    assert (task.name, task.requested_engine, task.timeout, task.retries) == ("每日 hello", "duckdb", 60, 2)
    assert (task.queue, task.priority, task.type, task.deep) == ("night", 9, "execute", False)
    document = queries.document(task.id)
    assert document.content.decode() == JOB
    assert document.params == {"day": "2026-01-31"}


def test_the_least_that_must_be_given_is_a_job(visitor: Visitor) -> None:
    task = made(visitor.post("/tasks/new", {"job": JOB}).location)
    assert (task.type, task.name, task.requested_engine, task.queue, task.priority) == (
        "execute",
        None,
        "auto",
        "default",
        5,
    )


def test_an_uploaded_file_wins_over_the_text_and_is_kept_byte_for_byte(visitor: Visitor) -> None:
    content = b"\r\n// " + "注释".encode() + b"\r\n" + JOB.encode()
    task = made(visitor.post("/tasks/new", {"job": "typed", "file": upload(content)}).location)
    assert queries.document(task.id).content == content


def test_a_check_takes_any_document_and_looks_deeper_on_request(visitor: Visitor) -> None:
    task = made(visitor.post("/tasks/new", {"job": "{", "type": "validate", "deep": "true"}).location)
    assert (task.type, task.deep) == ("validate", True)


def test_a_run_ignores_the_choice_that_only_a_check_has(visitor: Visitor) -> None:
    assert made(visitor.post("/tasks/new", {"job": JOB, "type": "execute", "deep": "true"}).location).deep is False


def test_parameters_may_come_as_json_too(visitor: Visitor) -> None:
    fields = {"job": JOB, "params": '{"n": 7}', "param_name": ["day"], "param_value": [" kept as it is "]}
    task = made(visitor.post("/tasks/new", fields).location)
    assert queries.document(task.id).params == {"n": 7, "day": " kept as it is "}


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"timeout": "soon"}, "timeout", "integer"),
        ({"timeout": "0"}, "timeout", "greater than or equal to 1"),
        ({"retries": "101"}, "retries", "less than or equal to 100"),
        ({"priority": "10"}, "priority", "less than or equal to 9"),
        ({"queue": "no spaces"}, "queue", "pattern"),
        ({"name": "x" * 201}, "name", "200"),
        ({"name": "a\x00b"}, "name", "control characters"),
        ({"engine": "spark"}, "engine", "auto"),
        ({"type": "destroy"}, "type", "execute"),
        ({"params": "{"}, "params", "not JSON"),
        ({"params": "[1]"}, "params", "expected an object"),
        ({"params": '{"a": NaN}'}, "params", "NaN"),
        ({"params": '{"a": {"b": 1}}'}, "params", "valid"),
        ({"params": '{"a": 1}', "param_name": "a", "param_value": "2"}, "params", "given twice"),
        ({"param_name": ["a", "a"], "param_value": ["1", "2"]}, "params", "given twice"),
        ({"param_name": "", "param_value": "lonely"}, "params", "no name"),
    ],
)
def test_a_wrong_field_is_named_beside_it_and_nothing_typed_is_lost(
    visitor: Visitor, fields: dict[str, Any], field: str, message: str
) -> None:
    given = {"job": JOB, "name": "kept", "retries": "3", **fields}
    answer = visitor.post("/tasks/new", given)
    assert answer.status_code == 422
    assert message in one(rf'<span class="field-error" id="error-{field}"[^>]*>(.*?)</span>', answer.text)
    assert typed_job(answer.text) == JOB
    for name, value in given.items():
        if name in {"name", "timeout", "retries", "queue", "priority"} and "\x00" not in value:
            assert f'name="{name}"' in answer.text and f'value="{value}"' in answer.text
    for value in [fields.get("param_value", [])]:
        assert all(f'value="{one}"' in answer.text for one in ([value] if isinstance(value, str) else value))
    assert tasks() == 0


def test_a_wrong_option_is_not_hidden_in_a_closed_part(visitor: Visitor) -> None:
    page = visitor.post("/tasks/new", {"job": JOB, "retries": "101"}).text
    assert '<details class="more" open>' in page
    assert '<details class="more">' in visitor.get("/tasks/new").text


def test_a_problem_of_the_document_comes_with_its_line(visitor: Visitor) -> None:
    broken = JOB.replace('"streamreader"', '"streamreadr"')
    line = broken[: broken.index("streamreadr")].count("\n") + 1
    answer = visitor.post("/tasks/new", {"job": broken})
    assert answer.status_code == 422
    assert one(r'class="place" href="#L(\d+)"', answer.text) == str(line)
    assert "The document cannot run: 1 error." in answer.text
    assert "streamreader" in seen(answer.text.partition('class="problems"')[2])
    assert typed_job(answer.text) == broken
    assert tasks() == 0


@pytest.mark.parametrize("job", ["", "   ", "[]", "{", "null", '"text"', "{" * 300, '{"a": 1, "a": 2}', "{}"])
def test_a_document_that_is_none_is_refused_in_the_form(visitor: Visitor, job: str) -> None:
    answer = visitor.post("/tasks/new", {"job": job})
    assert answer.status_code == 422
    assert 'class="problem ' in answer.text
    assert tasks() == 0


def test_an_upload_is_shown_when_it_is_refused(visitor: Visitor) -> None:
    answer = visitor.post("/tasks/new", {"job": "typed", "file": upload('{"a": "值"'.encode())})
    assert answer.status_code == 422
    assert typed_job(answer.text) == '{"a": "值"'


@pytest.mark.parametrize("content", [b"\xff\xfe{", "{值".encode("gbk"), b"\x00\x01\x02", b'{"a": "\xed\xa0\x80"}'])
def test_an_upload_that_is_no_text_is_refused_in_the_form(visitor: Visitor, content: bytes) -> None:
    answer = visitor.post("/tasks/new", {"file": upload(content)})
    assert answer.status_code == 422
    assert tasks() == 0


def test_a_document_over_the_limit_is_refused(visitor: Visitor) -> None:
    answer = visitor.post("/tasks/new", {"file": upload(b" " * (8 * 1024 * 1024 + 1))})
    assert answer.status_code == 413
    assert "at most 8388608" in answer.text
    assert tasks() == 0


def test_a_request_over_every_limit_is_refused(visitor: Visitor) -> None:
    answer = visitor.post("/tasks/new", {"file": upload(b" " * (25 * 1024 * 1024))})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "field", ["job", "name", "engine", "timeout", "queue", "params", "param_name", "param_value", "type"]
)
@pytest.mark.parametrize("value", [EVIL, EVIL * 1500], ids=["short", "100 kB"])
def test_whatever_is_typed_is_shown_as_text(visitor: Visitor, field: str, value: str) -> None:
    answer = visitor.post("/tasks/new", {"job": "[", field: value})
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text and "<b>" not in answer.text


def test_a_file_name_is_never_shown_as_markup(visitor: Visitor) -> None:
    answer = visitor.post("/tasks/new", {"file": upload(b"[", "<script>alert(1)</script>.json")})
    assert answer.status_code == 422 and "<script>alert" not in answer.text


def test_the_form_says_which_engines_there_are_and_why_not(app: Flask, visitor: Visitor) -> None:
    page = visitor.get("/tasks/new").text
    for engine in app.extensions["engines"].values():
        status = engine.status()
        choice = one(
            rf'<label class="choice[^"]*"><input type="radio" name="engine" value="{status.name}"(.*?)</label>', page
        )
        assert ("disabled" in choice) == (not status.available)
        assert status.available or str(status.reason) in choice


@pytest.mark.parametrize("name", ["hello", "orders"])
def test_an_example_fills_the_form_and_can_be_sent_as_it_is(visitor: Visitor, name: str) -> None:
    page = visitor.get(f"/tasks/new?example={name}").text
    rows = re.findall(r'name="param_name" value="([^"]+)".*?name="param_value" value="([^"]*)"', page, re.DOTALL)
    fields = {
        "job": typed_job(page),
        "name": one(r'name="name" value="([^"]+)"', page),
        "param_name": [row[0] for row in rows],
        "param_value": [row[1] for row in rows],
    }
    answer = visitor.post("/tasks/new", fields)
    assert answer.status_code == 302, seen(answer.text)


def test_an_example_whose_files_may_not_be_used_is_not_offered(make_app: Any, tmp_path: Path) -> None:
    app = make_app(FILE_ROOTS=str(tmp_path))
    with app.app_context():
        visitor = Visitor(app)
        visitor.log_in()
        page = visitor.get("/tasks/new?example=orders").text
        assert typed_job(page) == ""
        assert 'href="/tasks/new?example=hello"' in page and 'href="/tasks/new?example=orders"' not in page


def test_the_check_of_the_page_needs_the_token_of_the_page(visitor: Visitor) -> None:
    body = {"job": JOB}
    refused = visitor.send("POST", "/api/check", json=body)
    assert refused.status_code == 400
    answer = visitor.send("POST", "/api/check", json=body, headers={"X-CSRFToken": visitor.token()})
    assert answer.status_code == 200
    assert answer.json["valid"] is True


def test_the_largest_document_that_is_accepted_fits_the_form(visitor: Visitor) -> None:
    job = JOB + " " * (current_app.config["MAX_CONTENT_LENGTH"] // 3 - len(JOB))
    assert visitor.post("/tasks/new", {"job": job}).status_code == 302

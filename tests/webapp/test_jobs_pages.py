"""The pages of saved jobs: nothing typed is lost, and what is shown is what is there."""

import io
import json
import re
from typing import Any

import pytest
from flask import Flask

from tests.conftest import stream
from tests.webapp.test_jobs import body
from tests.webapp.test_jobs_running import JOB, run, saying
from tests.webapp.test_pages_form import EVIL, typed_job
from tests.webapp.visitor import Visitor, one, seen
from webapp.extensions import db
from webapp.jobs import queries, service
from webapp.jobs.models import SavedJob
from webapp.jobs.schemas import held
from webapp.tasks import queries as tasks

TEXT = json.dumps(JOB, indent=2)
FIELDS = {
    "name": "orders",
    "job": TEXT.replace("\n", "\r\n"),
    "description": "first\r\nsecond",
    "tags": "Sales, nightly，x",
    "engine": "duckdb",
    "timeout": "60",
    "param_name": ["day", ""],
    "param_value": ["1", ""],
}


def made(visitor: Visitor, **fields: Any) -> SavedJob:
    answer = visitor.post("/jobs/new", {**FIELDS, **fields})
    assert answer.status_code == 302, seen(answer.text)
    return job_at(answer.location)


def job_at(location: str) -> SavedJob:
    db.session.expire_all()
    return queries.get(location.rpartition("/")[2])


def filled(page: str) -> dict[str, Any]:
    """What the form of a job would send."""
    names = re.findall(r'name="param_name" value="([^"]+)"', page)
    fields = ("name", "tags", "based_on", "timeout", "secrets_of")
    found = {name: re.findall(rf'name="{name}"[^>]* value="([^"]*)"', page) for name in fields}
    return {
        **{name: values[0] for name, values in found.items() if values},
        "job": typed_job(page),
        "description": one(r'<textarea name="description"[^>]*>\n?(.*?)</textarea>', page),
        "param_name": names,
        "param_value": re.findall(r'name="param_name" value="[^"]+".*?name="param_value" value="([^"]*)"', page, re.S),
    }


def test_an_empty_list_says_what_to_do_first(visitor: Visitor) -> None:
    page = visitor.get("/jobs").text
    assert "No job yet" in page and 'href="/jobs/new"' in page and 'href="/jobs"' in page


def test_a_job_is_saved_as_it_was_typed(visitor: Visitor) -> None:
    job = made(visitor)
    version = queries.version(job)
    assert held(version)["job"] == TEXT and version.params == {"day": "1"}
    assert (job.tags, job.description) == (["nightly", "sales", "x"], "first\nsecond")
    assert version.options["engine"] == "duckdb" and version.options["timeout"] == 60
    page = visitor.get(f"/jobs/{job.id}").text
    assert "first\nsecond" in page and "1 min" in seen(page) and "${day}" in page and "It has not run yet." in page
    listed = visitor.get("/jobs?tag=sales").text
    assert f'"/jobs/{job.id}"' in listed and "never" in seen(listed)
    assert "No job matches." in visitor.get("/jobs?tag=other").text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Field required"),
        ({"tags": "x" * 50}, "at most 40 characters"),
        ({"timeout": "0"}, "greater than or equal to 1"),
        ({"name": "x" * 100_000}, "at most 200 characters"),
        ({"param_name": ["a", "a"], "param_value": ["1", "2"]}, "given twice"),
        ({"description": "\x00"}, "control characters"),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_nothing_typed_is_lost(
    visitor: Visitor, wrong: dict[str, Any], said: str
) -> None:
    answer = visitor.post("/jobs/new", {**FIELDS, "job": EVIL, **wrong})
    assert answer.status_code == 422 and said in seen(answer.text) and "data-refused" in answer.text
    assert typed_job(answer.text) == EVIL and "<script>alert" not in answer.text
    assert queries.count() == 0


def test_a_name_that_is_taken_is_said_at_its_field(visitor: Visitor) -> None:
    made(visitor)
    answer = visitor.post("/jobs/new", {**FIELDS, "name": "Orders", "job": "mine"})
    assert answer.status_code == 409 and typed_job(answer.text) == "mine"
    assert "There is a job named orders already" in one(r'id="error-name" role="alert">(.*?)<', answer.text)


def test_an_edit_is_a_version_more_and_no_edit_is_none(visitor: Visitor) -> None:
    job = made(visitor)
    edit = f"/jobs/{job.id}/edit"
    fields = filled(visitor.get(edit).text)
    assert fields["based_on"] == "1" and fields["tags"] == "nightly sales x"
    unchanged = visitor.post(edit, {**fields, "engine": "duckdb"})
    assert unchanged.status_code == 302 and job_at(f"/jobs/{job.id}").version == 1
    assert "Nothing was changed" in visitor.get(unchanged.location).text
    visitor.post(edit, {**fields, "engine": "duckdb", "timeout": "61", "note": "a second more"})
    assert job_at(f"/jobs/{job.id}").version == 2
    page = visitor.get(f"/jobs/{job.id}/diff").text
    assert "1 min" in seen(page) and "a second more" in page
    assert "a second more" in visitor.get(f"/jobs/{job.id}/versions").text


def test_a_value_keeps_its_kind_in_a_form(visitor: Visitor) -> None:
    job = service.create(body(job=saying("${a} ${b} ${c}"), params={"a": 3, "b": True, "c": "3"}), "ann")
    fields = filled(visitor.get(f"/jobs/{job.id}/edit").text)
    visitor.post(f"/jobs/{job.id}/edit", {**fields, "engine": "auto", "tags": "new"})
    found = job_at(f"/jobs/{job.id}")
    assert found.version == 2 and queries.version(found).params == {"a": 3, "b": True, "c": "3"}


def test_a_row_without_a_value_gives_no_value(visitor: Visitor) -> None:
    job = made(visitor, param_name=["day", "more"], param_value=["", "x"])
    assert queries.version(job).params == {"more": "x"}
    empty = service.create(body("empty", saying("${a}"), params={"a": ""}), "ann")
    fields = {**filled(visitor.get(f"/jobs/{empty.id}/edit").text), "engine": "auto"}
    assert (
        visitor.post(f"/jobs/{empty.id}/edit", {**fields, "param_name": ["a"], "param_value": [""]}).status_code == 302
    )
    assert job_at(f"/jobs/{empty.id}").version == 1


def test_line_ends_are_kept_by_an_edit(visitor: Visitor) -> None:
    job = service.create(body(job=TEXT.replace("\n", "\r\n")), "ann")
    fields = filled(visitor.get(f"/jobs/{job.id}/edit").text)
    sent = {**fields, "engine": "auto", "job": TEXT.replace("\n", "\r\n")}
    visitor.post(f"/jobs/{job.id}/edit", sent)
    assert job_at(f"/jobs/{job.id}").version == 1
    visitor.post(f"/jobs/{job.id}/edit", {**sent, "job": sent["job"] + "\r\n"})
    assert held(queries.version(job_at(f"/jobs/{job.id}")))["job"] == TEXT.replace("\n", "\r\n") + "\r\n"


def test_who_saves_second_is_told_who_was_first_loses_nothing_and_may_go_on(visitor: Visitor) -> None:
    job = made(visitor)
    edit = f"/jobs/{job.id}/edit"
    fields = {**filled(visitor.get(edit).text), "engine": "duckdb", "job": TEXT + "\n// mine"}
    service.change(job.id, body(job=TEXT + "\n// theirs"), "bob")
    answer = visitor.post(edit, fields)
    assert answer.status_code == 412 and "bob saved version 2 meanwhile" in seen(answer.text)
    assert typed_job(answer.text) == TEXT + "\n// mine" and "/diff?to=2&amp;from=1" in answer.text
    again = {**filled(answer.text), "engine": "duckdb"}
    assert again["based_on"] == "2"
    assert visitor.post(edit, again).status_code == 302
    found = job_at(f"/jobs/{job.id}")
    assert found.version == 3 and held(queries.version(found))["job"] == TEXT + "\n// mine"


def test_a_document_with_errors_is_saved_and_shown_with_them(visitor: Visitor) -> None:
    job = made(visitor, job='{\n"job": {"content": [{}]}}')
    page = seen(visitor.get(f"/jobs/{job.id}").text)
    assert "It cannot be run before the errors are corrected." in page and "line 2" in page
    answer = visitor.post(f"/jobs/{job.id}/run", {"version": "1"})
    assert answer.status_code == 422 and "The job cannot run" in answer.text and "line 2" in seen(answer.text)


def test_running_asks_for_each_value_and_names_what_is_missing(visitor: Visitor) -> None:
    job = service.create(body(job=saying("${day} ${hour}"), params={"day": 7}, timeout=9), "ann")
    page = visitor.get(f"/jobs/{job.id}/run").text
    assert re.findall(r'name="param_name" value="(\w+)"', page) == ["day", "hour"] and 'value="7"' in page
    sent = {"version": "1", "param_name": ["day", "hour"], "param_value": ["8", ""], "timeout": "9", "engine": "auto"}
    refused = visitor.post(f"/jobs/{job.id}/run", sent)
    assert refused.status_code == 422 and 'value="8"' in refused.text
    assert one(r'id="error-param-2" role="alert">(.*?)<', refused.text) == "give a value"
    done = visitor.post(f"/jobs/{job.id}/run", {**sent, "param_value": ["7", "x"], "timeout": ""})
    task = tasks.get(done.location.rpartition("/")[2])
    assert (task.job_id, task.job_version, task.timeout) == (job.id, 1, None)
    assert tasks.document(task.id).params == {"day": 7, "hour": "x"}


def test_a_run_of_the_version_that_was_looked_at_runs_that(visitor: Visitor) -> None:
    job = service.create(body(job=stream(1)), "ann")
    service.change(job.id, body(job=stream(2)), "bob")
    done = visitor.post(f"/jobs/{job.id}/run", {"version": "1", "engine": "auto"})
    assert tasks.get(done.location.rpartition("/")[2]).job_version == 1
    assert visitor.post(f"/jobs/{job.id}/run", {}).status_code == 404


def test_a_wrong_option_of_a_run_is_said(visitor: Visitor) -> None:
    job = service.create(body(job=stream(1)), "ann")
    answer = visitor.post(f"/jobs/{job.id}/run", {"version": "1", "timeout": "0", "engine": "auto"})
    assert answer.status_code == 422 and "greater than or equal to 1" in seen(answer.text)


def test_the_task_and_the_job_lead_to_each_other(visitor: Visitor) -> None:
    job = service.create(body(EVIL[:190].replace("\u202e", ""), stream(1)), "ann")
    task = run(job.id)
    page = visitor.get(f"/tasks/{task.id}").text
    assert f'href="/jobs/{job.id}"' in page and f'href="/jobs/{job.id}/versions/1"' in page
    assert "<script>alert" not in page and f"/jobs/new?task={task.id}" not in page
    assert f'"/tasks/{task.id}"' in visitor.get(f"/jobs/{job.id}").text
    listed = visitor.get("/jobs").text
    assert f'"/tasks/{task.id}"' in listed and "&lt;time" not in listed and "DataX-Celery 0." in seen(listed)
    listed = visitor.get(f"/tasks?job_id={job.id}").text
    assert f'"/tasks/{task.id}"' in listed and "Saved job:" in seen(listed)
    service.delete(job.id)
    page = visitor.get(f"/tasks/{task.id}").text
    assert f"/jobs/{job.id}" not in page and visitor.get(f"/jobs/{job.id}").status_code == 404


def test_a_task_is_saved_as_a_job_with_its_secrets(visitor: Visitor) -> None:
    fields = {
        "job": json.dumps(stream(1, password="s3cret")),
        "type": "validate",
        "param_name": "a",
        "param_value": "b",
    }
    task = visitor.post("/tasks/new", fields).location.rpartition("/")[2]
    form = filled(visitor.get(f"/jobs/new?task={task}").text)
    assert "s3cret" not in form["job"] and "******" in form["job"]
    job = job_at(visitor.post("/jobs/new", {**form, "name": "from a task", "engine": "auto"}).location)
    from webapp.jobs import sealed

    version = queries.version(job)
    assert "s3cret" in sealed.opened(version.content, version.params).text and version.params == {"a": "b"}


def test_what_was_typed_for_a_task_is_carried_along(visitor: Visitor) -> None:
    page = visitor.get("/tasks/new").text
    assert 'formaction="/jobs/new/typed"' in page
    typed = {"job": TEXT, "name": "mine", "param_name": "day", "param_value": "5", "timeout": "7", "type": "validate"}
    answer = visitor.post("/jobs/new/typed", typed)
    form = filled(answer.text)
    assert (form["job"], form["name"], form["timeout"]) == (TEXT, "mine", "7") and queries.count() == 0
    assert (form["param_name"], form["param_value"]) == (["day"], ["5"])
    uploaded = visitor.post("/jobs/new/typed", {"job": "x", "file": (io.BytesIO(b"{}"), "a.json")})
    assert typed_job(uploaded.text) == "{}"
    assert visitor.get("/jobs/new/typed").location == "/jobs/new"


def test_an_old_version_is_shown_and_restored(visitor: Visitor) -> None:
    job = made(visitor)
    service.change(job.id, body(job=stream(2)), "bob")
    page = visitor.get(f"/jobs/{job.id}/versions/1").text
    assert "${day}" in page and "Restore" in page
    restore = f"/jobs/{job.id}/versions/1/restore"
    assert visitor.post(restore, {"based_on": "1"}).status_code == 412
    assert visitor.post(restore, {"based_on": "2"}).status_code == 302
    assert job_at(f"/jobs/{job.id}").version == 3
    assert "version 1 restored" in seen(visitor.get(f"/jobs/{job.id}").text)
    assert visitor.get(f"/jobs/{job.id}/versions/9").status_code == 404


def test_the_differences_of_two_versions_are_shown_without_secrets(visitor: Visitor) -> None:
    first = json.dumps(stream(1, password="s3cret"), indent=1)
    second = first.replace('"hello"', '"<b>bye"')
    job = service.create(body(job=first, params={"a": "1", "token": "s3cret"}, tags=["x"]), "ann")
    params = {"b": "2", "token": "oth3r"}
    service.change(job.id, body(job=second, params=params), "bob")
    page = visitor.get(f"/jobs/{job.id}/diff?from=1&to=2").text
    assert "s3cret" not in page and "oth3r" not in page and "sealed:" not in page
    assert '"&lt;b&gt;bye"' in page.replace("&#34;", '"') and "hello" in page
    assert visitor.get(f"/jobs/{job.id}/diff?from=1&to=1").status_code == 200
    assert visitor.get(f"/jobs/{job.id}/diff?from=1&to=5").status_code == 404
    service.change(job.id, body(job=second.replace("s3cret", "n3w"), params=params), "bob")
    assert "a secret behind a mask is another one" in visitor.get(f"/jobs/{job.id}/diff").text


def test_deleting_asks_first(visitor: Visitor) -> None:
    job = made(visitor)
    page = visitor.get(f"/jobs/{job.id}/delete").text
    assert "Delete orders?" in page and "It has never run." in page and queries.count() == 1
    service.change(job.id, body(), "bob")
    assert visitor.post(f"/jobs/{job.id}/delete", {"version": "1"}).status_code == 412
    assert visitor.post(f"/jobs/{job.id}/delete", {"version": "2"}).location == "/jobs"
    assert queries.count() == 0


def test_names_tags_and_notes_are_text_everywhere(visitor: Visitor) -> None:
    name = "\"'><script>alert(1)</script>\u202e"
    tag = "\"'><script>alert(1)</script>"
    job = service.create(body(name, EVIL, description=name, params={tag: name}, tags=[tag[:40]]), name)
    service.change(job.id, body(name, EVIL + "2", note=name, tags=["x"]), name)
    for path in ("", "/edit", "/run", "/delete", "/versions", "/versions/1", "/diff"):
        page = visitor.get(f"/jobs/{job.id}{path}").text
        assert "<script>alert" not in page and "object at 0x" not in page
    assert "<script>alert" not in visitor.get("/jobs").text


def test_a_viewer_is_offered_nothing_that_would_be_refused(app: Flask) -> None:
    from webapp.accounts import service as accounts
    from webapp.accounts.roles import Role

    accounts.create("vera", Role.VIEWER, "a-long-password")
    viewer = Visitor(app)
    viewer.post("/login", {"username": "vera", "password": "a-long-password"})
    job = service.create(body(job=stream(1)), "ann")
    service.change(job.id, body(job=stream(2)), "ann")
    pages = "".join(viewer.get(f"/jobs{path}").text for path in ("", f"/{job.id}", f"/{job.id}/versions/1"))
    for act in ("/jobs/new", "/edit", '/run"', "/delete", "/restore", "/jobs/import"):
        assert act not in pages.replace(f"/api/jobs/{job.id}/run", ""), act

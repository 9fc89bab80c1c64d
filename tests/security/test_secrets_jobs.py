"""Secrets of saved jobs: sealed at rest, masked for people, kept through edits, and opened for a run alone."""

import json
from typing import Any

import pytest
from flask import Flask

from tests.conftest import stream
from tests.security.test_secrets_editing import CANARY, FILLED, PRINTED, TEXT
from tests.webapp.test_jobs import body
from tests.webapp.test_jobs_running import saying
from webapp.errors import InvalidRequest, Unavailable
from webapp.extensions import db
from webapp.jobs import checking, queries, running, sealed, service
from webapp.jobs.models import SavedJob, SavedJobVersion
from webapp.jobs.schemas import RunBody, held
from webapp.requests import check
from webapp.tasks import sealed as tasks
from webapp.tasks.models import TaskDocument


@pytest.fixture
def job(app: Flask) -> SavedJob:
    return service.create(body(job=TEXT, params={"t": CANARY}), "ann")


def contents(job_id: str) -> list[bytes]:
    db.session.expire_all()
    return [version.content for version in queries.versions(queries.get(job_id), 9)]


def newest(job: SavedJob) -> SavedJobVersion:
    db.session.expire_all()
    return queries.version(queries.get(job.id))


def plain(job: SavedJob) -> sealed.Plain:
    version = newest(job)
    return sealed.opened(version.content, version.params)


def edit(job: SavedJob, text: str, params: dict[str, Any] | None = None) -> SavedJob:
    return service.change(job.id, body(job=text, params={"t": "******"} if params is None else params), "bob")


def shown(job: SavedJob) -> str:
    return str(held(newest(job))["job"])


def test_the_database_and_what_people_see_hold_no_secret(job: SavedJob) -> None:
    version = newest(job)
    assert CANARY.encode() not in version.content and CANARY not in json.dumps(version.params)
    seen = json.dumps(held(version))
    assert CANARY not in seen and "sealed:" not in seen and "gAAAA" not in seen and "******" in seen


def test_a_save_that_leaves_the_masks_keeps_the_secrets_and_is_no_change(job: SavedJob) -> None:
    assert edit(job, shown(job)).version == 1
    assert edit(job, TEXT, {"t": CANARY}).version == 1
    assert plain(job) == sealed.Plain(TEXT, {"t": CANARY})


def test_an_edited_job_keeps_its_secrets(job: SavedJob) -> None:
    edit(job, shown(job).replace('"id"', '"name"'))
    assert plain(job).params == {"t": CANARY}
    assert plain(job).text == TEXT.replace('"id"', '"name"').replace("password: old", "password: ******")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("127.0.0.1:1", "evil.example:1", "another address"),
        ('"mysqlreader"', '"postgresqlreader"', "another address"),
        ('"column": ["id"]', '"column": ["******"]', "stands for no secret"),
        ('"job": {', '"job": {,', "cannot be read cannot keep the secrets"),
    ],
)
def test_a_mask_that_cannot_be_kept_is_refused_and_nothing_is_lost(
    job: SavedJob, old: str, new: str, said: str
) -> None:
    assert old in shown(job)
    with pytest.raises(InvalidRequest, match=said):
        edit(job, shown(job).replace(old, new))
    assert newest(job).number == 1 and plain(job).text == TEXT


def test_a_draft_that_cannot_be_read_keeps_its_secrets_until_they_are_written_out(app: Flask) -> None:
    job = service.create(body(job=TEXT.replace('"job": {', '"job": {,')), "ann")
    assert CANARY not in shown(job)
    with pytest.raises(InvalidRequest, match="write the secrets out"):
        edit(job, shown(job).replace('"job": {,', '"job": {'), {})
    edit(job, TEXT, {})
    assert plain(job).text == TEXT


def test_a_ciphertext_cannot_be_brought_along(job: SavedJob) -> None:
    token = newest(job).content.decode().split('"password": "')[1].split('"')[0]
    assert token.startswith("{sealed:v:")
    with pytest.raises(InvalidRequest, match="no ciphertext"):
        edit(job, json.dumps({"job": {"column": [token]}}), {})
    edit(job, shown(job), {"t": token, "u": token})
    assert plain(job).params == {"t": token, "u": token}


def test_a_run_opens_no_ciphertext_that_somebody_gives_it(app: Flask) -> None:
    first = service.create(body("first", TEXT), "ann")
    token = newest(first).content.decode().split('"password": "')[1].split('"')[0]
    job = service.create(body(job=saying("${u}")), "ann")
    task = running.run(job.id, check(RunBody, {"params": {"u": token}}), None)
    assert tasks.opened(task.id).params == {"u": token}


def test_a_run_has_the_secrets_and_its_row_does_not(app: Flask) -> None:
    text = (
        '{"job": {"setting": {"speed": {"channel": 1}}, "content": [{"reader": {"name": "mysqlreader", "parameter": {'
        f'"username": "u", "password": "{CANARY}", "column": ["id"], "where": "x = \'${{t}}\'", "connection": ['
        '{"table": ["t"], "jdbcUrl": ["jdbc:mysql://127.0.0.1:1/x"]}]}}, '
        '"writer": {"name": "streamwriter", "parameter": {"print": true}}}]}}'
    )
    job = service.create(body(job=text, params={"token": CANARY, "t": "1"}), "ann")
    task = running.run(job.id, check(RunBody, {"params": {"token": "******"}}), None)
    assert tasks.opened(task.id) == tasks.Opened(text.encode(), {"token": CANARY, "t": "1"})
    assert CANARY.encode() not in db.session.get_one(TaskDocument, task.id).content
    with pytest.raises(InvalidRequest, match="stands for no secret"):
        running.run(job.id, check(RunBody, {"params": {"other": "******"}}), None)


def test_a_job_whose_secrets_are_masks_is_not_run(app: Flask) -> None:
    job = service.create(body(job=json.dumps(stream(1, password="******"), indent=1)), "ann")
    looked = checking.look(newest(job))
    assert not looked.runnable and "write the secret out" in str(looked.problems[0].text)
    with pytest.raises(InvalidRequest, match="write the secret out"):
        running.run(job.id, RunBody(), None)


def test_new_keys_seal_every_version_anew(app: Flask, job: SavedJob) -> None:
    edit(job, TEXT + " ")
    job_id, before = job.id, contents(job.id)
    assert app.test_cli_runner().invoke(args=["keys", "rotate", "--forget"]).exit_code == 0
    assert len(before) == 2 and not set(contents(job_id)) & set(before)
    assert plain(queries.get(job_id)) == sealed.Plain(TEXT + " ", {"t": CANARY})


def test_without_the_key_the_job_is_shown_and_says_why_it_does_not_run(app: Flask, job: SavedJob) -> None:
    keys = app.extensions["keys"]
    keys.add()
    keys.keep_first()
    assert "sealed with a key that is not here" in str(checking.look(newest(job)).problems[-1].text)
    with pytest.raises(Unavailable):
        running.run(job.id, RunBody(), None)


def test_restoring_needs_no_secret_written_out(job: SavedJob) -> None:
    edit(job, "{}", {})
    service.restore(job.id, 1, "ann")
    assert plain(job) == sealed.Plain(TEXT, {"t": CANARY})


def test_a_parameters_secret_goes_nowhere_else_with_an_edit(app: Flask) -> None:
    job = service.create(body(job=FILLED, params={"p1": CANARY}), "ann")
    for text in (PRINTED, FILLED.replace("real.invalid", "other.invalid")):
        with pytest.raises(InvalidRequest, match="write the value out"):
            edit(job, text, {"p1": "******"})
    assert plain(job) == sealed.Plain(FILLED, {"p1": CANARY})


def test_a_parameter_that_was_secret_stays_it_where_the_document_has_no_place_for_it(app: Flask) -> None:
    job = service.create(body(job=FILLED, params={"p1": CANARY}), "ann")
    text = json.dumps(stream(1))
    edit(job, text, {"p1": "******"})
    assert CANARY not in json.dumps(newest(job).params) and held(newest(job))["params"] == {"p1": "******"}
    assert tasks.opened(running.run(job.id, check(RunBody, {}), None).id).params == {}
    edit(job, FILLED, {"p1": "given anew"})
    service.restore(job.id, 2, "ann")
    assert CANARY not in json.dumps(newest(job).params) and plain(job).params == {"p1": CANARY}


def test_a_run_may_not_give_a_mask_for_what_is_no_secret(app: Flask) -> None:
    job = service.create(body(job=saying("${word}"), params={"word": "hello"}), "ann")
    with pytest.raises(InvalidRequest, match="stands for no secret"):
        running.run(job.id, check(RunBody, {"params": {"word": "******"}}), None)

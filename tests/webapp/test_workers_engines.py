"""A web machine without DataX, whose workers have it: it checks, offers and accepts what they can run."""

from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import stream
from tests.webapp.test_workers import DATAX, announced
from tests.webapp.visitor import Visitor, seen
from webapp.extensions import db
from webapp.tasks import queries, service
from webapp.tasks.models import Task

HDFS = {
    "job": {
        "setting": {"speed": {"channel": 1}},
        "content": [
            {
                "reader": {
                    "name": "hdfsreader",
                    "parameter": {"path": "/a", "defaultFS": "hdfs://h:1", "fileType": "text", "column": ["*"]},
                },
                "writer": {"name": "streamwriter", "parameter": {"print": True}},
            }
        ],
    }
}


def needs(task_id: str) -> object:
    return queries.get(task_id).needs


def test_a_job_that_no_machine_can_run_is_refused_at_submit(api: FlaskClient) -> None:
    answer = api.post("/api/tasks", json={"job": HDFS})
    assert answer.status_code == 422 and "hdfsreader" in answer.text


def test_a_job_that_only_a_worker_can_run_is_accepted_and_says_what_it_needs(api: FlaskClient) -> None:
    announced()
    answer = api.post("/api/tasks", json={"job": HDFS})
    assert answer.status_code == 202, answer.text
    assert needs(answer.get_json()["id"]) == {
        "engines": ["datax"],
        "readers": ["hdfsreader"],
        "writers": ["streamwriter"],
    }


def test_a_job_that_every_worker_can_run_needs_no_more_than_the_embedded_engine(api: FlaskClient) -> None:
    answer = api.post("/api/tasks", json={"job": stream(1)})
    found = needs(answer.get_json()["id"])
    assert isinstance(found, dict) and found["engines"] == ["datax", "duckdb"]


def test_a_task_that_is_run_again_needs_the_same(api: FlaskClient) -> None:
    announced()
    first = api.post("/api/tasks", json={"job": HDFS}).get_json()["id"]
    assert needs(service.rerun(first, None).id) == needs(first)


def validated(api: FlaskClient, job: object, **options: object) -> object:
    """What a validate task needs."""
    return needs(api.post("/api/tasks", json={"job": job, "type": "validate", **options}).get_json()["id"])


def test_any_worker_may_validate(api: FlaskClient) -> None:
    announced()
    assert validated(api, HDFS) is None
    assert validated(api, stream(1), deep=True) is None
    assert validated(api, "{broken", deep=True) is None
    assert validated(api, {"job": {"content": [{"reader": 1}]}}, deep=True) is None


def test_a_deep_look_at_plugins_that_only_datax_knows_needs_a_worker_that_has_them(api: FlaskClient) -> None:
    announced()
    found = validated(api, HDFS, deep=True)
    assert found == {"engines": ["datax"], "readers": ["hdfsreader"], "writers": ["streamwriter"]}


def test_where_nobody_has_them_any_worker_says_that_it_could_not_look(api: FlaskClient) -> None:
    assert validated(api, HDFS, deep=True) is None


def test_the_check_knows_the_plugins_of_the_workers(api: FlaskClient) -> None:
    announced()
    answer = api.post("/api/check", json={"job": HDFS}).get_json()
    assert answer["valid"], answer


def test_the_engines_that_only_workers_have_are_listed(api: FlaskClient) -> None:
    announced()
    engines = {engine["name"]: engine for engine in api.get("/api/engines").get_json()}
    assert engines["datax"]["available"] and engines["datax"]["reason"] is None
    assert engines["datax"]["readers"] == list(DATAX.readers)
    assert not engines["addax"]["available"] and "ADDAX_HOME" in engines["addax"]["reason"]


def test_the_form_offers_what_workers_have(visitor: Visitor) -> None:
    announced()
    page = visitor.get("/tasks/new").text
    assert "datax 0.0.1" in seen(page)
    assert 'value="datax" disabled' not in page and 'value="addax" disabled' in page


def test_the_form_submits_what_only_a_worker_can_run(app: Flask, visitor: Visitor, tmp_path: Path) -> None:
    announced()
    job = str(HDFS).replace("'", '"').replace("True", "true")
    assert visitor.post("/tasks/new", {"job": job, "type": "execute", "engine": "auto"}).status_code == 302
    task = db.session.scalars(db.select(Task)).one()
    assert task.needs is not None and task.needs["engines"] == ["datax"]

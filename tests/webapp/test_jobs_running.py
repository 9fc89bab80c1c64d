"""Running a saved job: the task that comes of it, its values, and what keeps it from running."""

from typing import Any

import pytest
from flask import Flask

from tests.conftest import stream
from tests.webapp.test_jobs import body
from webapp.errors import InvalidRequest, NotFound
from webapp.jobs import checking, queries, running, service
from webapp.jobs.schemas import RunBody
from webapp.requests import check
from webapp.tasks import queries as tasks
from webapp.tasks import sealed
from webapp.tasks import service as tasks_service


def saying(value: str) -> dict[str, Any]:
    """A job that prints a value."""
    job = stream(1)
    job["job"]["content"][0]["reader"]["parameter"]["column"] = [{"type": "string", "value": value}]
    return job


JOB = saying("${day} and $more")


def run(job_id: str, key: str | None = None, **fields: Any) -> Any:
    return running.run(job_id, check(RunBody, fields), None, key)


def test_a_run_is_a_task_with_the_options_of_the_job(app: Flask) -> None:
    given = {"engine": "duckdb", "timeout": 9, "retries": 3, "queue": "night", "priority": 8, "exclusive": "e"}
    job = service.create(body(job=JOB, params={"day": "1", "more": "2"}, **given), "ann")
    task = tasks.get(run(job.id).id)
    assert (task.name, task.type, task.job_id, task.job_version) == ("orders", "execute", job.id, 1)
    assert (task.requested_engine, task.timeout, task.retries, task.queue, task.priority, task.exclusive) == (
        *given.values(),
    )
    assert sealed.opened(task.id).params == {"day": "1", "more": "2"}


def test_a_run_has_values_and_options_of_its_own(app: Flask) -> None:
    job = service.create(body(job=JOB, params={"day": "1"}, timeout=9), "ann")
    task = run(job.id, params={"day": "2"}, timeout=None, priority=1, name="by hand")
    assert (task.name, task.timeout, task.priority) == ("by hand", None, 1)
    assert sealed.opened(task.id).params == {"day": "2"} and queries.version(job).params == {"day": "1"}


def test_an_old_version_can_be_run(app: Flask) -> None:
    job = service.create(body(job=JOB, params={"day": "1"}), "ann")
    service.change(job.id, body(job=JOB, params={"day": "2"}), "ann")
    assert sealed.opened(run(job.id, version=1).id).params == {"day": "1"}
    assert run(job.id).job_version == 2
    with pytest.raises(NotFound):
        run(job.id, version=3)


def test_a_value_that_is_missing_is_named(app: Flask) -> None:
    job = service.create(body(job=saying("${day} ${a/b}")), "ann")
    with pytest.raises(InvalidRequest, match="day") as refused:
        run(job.id, params={"other": "x"})
    assert [error["pointer"] for error in refused.value.errors] == ["/params/day", "/params/a~1b"]
    assert run(job.id, params={"day": "", "a/b": "x"}).job_id == job.id


def test_a_job_with_errors_is_kept_and_not_run(app: Flask) -> None:
    job = service.create(body(job='{"job": {"content": [{}]}}'), "ann")
    looked = checking.look(queries.version(job))
    assert not looked.runnable and looked.problems[0].line == 1
    with pytest.raises(InvalidRequest) as refused:
        run(job.id)
    assert refused.value.errors[0]["line"] == 1
    broken = service.create(body("broken", '{\n"job": '), "ann")
    assert checking.look(queries.version(broken)).problems[0].line == 2
    with pytest.raises(InvalidRequest):
        run(broken.id)


def test_the_places_of_a_job_are_those_of_its_document_and_of_its_values(app: Flask) -> None:
    job = service.create(body(job=JOB, params={"more": "2"}), "ann")
    assert checking.look(queries.version(job)).places == ["day", "more"]


def test_a_repeat_with_the_same_key_returns_the_first_task_even_when_the_job_has_changed(app: Flask) -> None:
    job = service.create(body(job=JOB, params={"day": "1"}), "ann")
    first = run(job.id, "key")
    service.change(job.id, body(job="{"), "ann")
    assert run(job.id, "key").id == first.id
    with pytest.raises(InvalidRequest, match="Idempotency-Key"):
        run(job.id, "key", params={"day": "2"})


def test_running_a_task_again_says_where_it_comes_from(app: Flask) -> None:
    job = service.create(body(job=JOB, params={"day": "1"}), "ann")
    again = tasks_service.rerun(run(job.id).id, None)
    assert (again.job_id, again.job_version) == (job.id, 1)


def test_a_deleted_job_leaves_its_tasks(app: Flask) -> None:
    job = service.create(body(job=JOB, params={"day": "1"}), "ann")
    task = run(job.id)
    service.delete(job.id)
    assert tasks.get(task.id).name == "orders"


def test_the_newest_run_of_each_job_is_found(app_on_each_database: Flask) -> None:
    jobs = [service.create(body(f"job {number}", JOB, params={"day": "1"}), "ann") for number in range(3)]
    for job in jobs[:2]:
        run(job.id)
    newest = {job.id: run(job.id).id for job in jobs[:2]}
    found = queries.last_runs(jobs)
    assert {job_id: task.id for job_id, task in found.items()} == newest
    assert queries.last_runs([]) == {}

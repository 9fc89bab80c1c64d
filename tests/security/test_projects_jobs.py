"""Saved jobs belong to a project: who works in another one neither sees nor touches them; and what is done to them is written down."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import stream
from tests.security import test_projects
from tests.security.routes import UNSAFE
from tests.security.test_roles_and_routes import signed_in
from webapp.accounts.models import Account
from webapp.accounts.roles import Role
from webapp.audit.models import AuditEntry
from webapp.extensions import db
from webapp.jobs import queries, service
from webapp.jobs.models import SavedJob
from webapp.jobs.schemas import JobBody
from webapp.projects import scope
from webapp.projects.models import Project
from webapp.tasks.models import Task

BODIES = {"patch": {"timeout": 1}, "restore": {"version": 1}, "run": {}}


@pytest.fixture
def payroll(finance: Project) -> SavedJob:
    with scope.within(finance.id):
        return service.create(JobBody(name="payroll", job=stream(1), tags=["salaries"]), "otto")


def test_who_works_in_another_project_finds_no_job_by_any_route(
    app: Flask, people: dict[Role, Account], payroll: SavedJob
) -> None:
    outside = signed_in(app, people[Role.ADMIN])
    paths = [route for route in app.url_map.iter_rules() if "job_id" in route.arguments]
    assert len(paths) > 5
    for route in paths:
        values = {name: payroll.id if name == "job_id" else 1 for name in route.arguments}
        _, path = route.build(values) or ("", "")
        for method in {"GET", *UNSAFE} & (route.methods or set()):
            headers = {"X-CSRFToken": outside.token(), "If-Match": "*"}
            body = BODIES.get(path.rpartition("/")[2] if method == "POST" else method.lower())
            options = {} if body is None or not path.startswith("/api/") else {"json": body}
            answer = outside.send(method, path, headers=headers, **options)
            assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"
            assert "payroll" not in answer.text and "streamreader" not in answer.text


def test_no_list_shows_jobs_of_another_project(app: Flask, people: dict[Role, Account], payroll: SavedJob) -> None:
    outside, member = signed_in(app, people[Role.VIEWER]), signed_in(app, people[Role.OPERATOR])
    pages = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith(("/jobs", "/api/jobs"))]
    pages = [rule for rule in pages if "<" not in rule]
    assert "/api/jobs" in pages
    for page in pages:
        shown = outside.get(page).data
        assert b"payroll" not in shown and b"salaries" not in shown, page
    assert member.get("/api/jobs?tag=salaries").json["items"][0]["name"] == "payroll"


def test_two_projects_have_jobs_of_one_name(
    app: Flask,
    people: dict[Role, Account],
    finance: Project,
    payroll: SavedJob,
) -> None:
    service.create(JobBody(name="Payroll", job=stream(2)), "ann")
    member = test_projects.bearing(app, people[Role.OPERATOR], finance)
    assert [each["id"] for each in member.get("/api/jobs").json["items"]] == [payroll.id]


def test_a_run_belongs_to_the_project_of_whoever_runs_it(
    app: Flask,
    people: dict[Role, Account],
    finance: Project,
    payroll: SavedJob,
) -> None:
    member = test_projects.bearing(app, people[Role.OPERATOR], finance)
    task = member.send("POST", f"/api/jobs/{payroll.id}/run", json={}).json["id"]
    assert db.session.get_one(Task, task).project_id == finance.id
    assert queries.last_runs([payroll])[payroll.id].id == task


def test_who_belongs_to_no_project_saves_nothing(
    app: Flask,
    people: dict[Role, Account],
    finance: Project,
    payroll: SavedJob,
) -> None:
    from webapp.projects import service as projects

    projects.remove(finance, people[Role.OPERATOR].id)
    nobody = signed_in(app, people[Role.OPERATOR])
    headers = {"X-CSRFToken": nobody.token()}
    answer = nobody.send("POST", "/api/jobs", json={"name": "x", "job": "{}"}, headers=headers)
    assert answer.status_code == 403 and "belong to no project" in answer.json["detail"]


def test_what_is_done_to_a_job_is_written_down(app: Flask, people: dict[Role, Account]) -> None:
    admin = signed_in(app, people[Role.ADMIN])
    headers = {"X-CSRFToken": admin.token(), "If-Match": "*"}

    def call(method: str, path: str, body: object = None) -> str:
        answer = admin.send(method, path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return str(answer.json["id"]) if answer.data else ""

    job = call("POST", "/api/jobs", {"name": "mine", "job": stream(1)})
    call("PATCH", f"/api/jobs/{job}", {"timeout": 3})
    call("POST", f"/api/jobs/{job}/restore", {"version": 1})
    task = call("POST", f"/api/jobs/{job}/run", {})
    call("DELETE", f"/api/jobs/{job}")
    found = db.session.scalars(select(AuditEntry).where(AuditEntry.target == job).order_by(AuditEntry.number)).all()
    assert [(entry.action, entry.actor) for entry in found] == [
        (f"job.{done}", "admin") for done in ("created", "changed", "restored", "run", "deleted")
    ]
    assert task in found[3].detail and all('"name": "mine"' in entry.detail for entry in found)

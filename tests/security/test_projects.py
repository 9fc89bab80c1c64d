"""A project is a boundary: whoever does not belong to it neither sees nor touches what is in it."""

import re

import pytest
from flask import Flask

from tests.conftest import stream
from tests.security.routes import UNSAFE
from tests.security.test_roles_and_routes import signed_in
from tests.webapp.visitor import Visitor
from webapp.accounts import service as accounts
from webapp.accounts import tokens
from webapp.accounts.models import Account
from webapp.accounts.roles import Role
from webapp.extensions import db
from webapp.projects import service as projects
from webapp.projects.models import DEFAULT, Project
from webapp.results.execute import ExecuteResult
from webapp.states import Outcome, State
from webapp.tasks import attempts, queries, service
from webapp.tasks.attempts import Ending
from webapp.tasks.models import Task
from webapp.tasks.submission import Submission


@pytest.fixture
def payroll(finance: Project) -> str:
    """A finished task of that project."""
    task = service.submit(Submission(job=stream(1), name="payroll"), None)
    task.project_id = finance.id
    db.session.commit()
    claimed = attempts.claim(task.id, "worker")
    assert claimed is not None
    result = ExecuteResult(success=True, exit_code=0, stdout="salaries", stderr="")
    attempts.finish(claimed, Ending(State.SUCCESS, Outcome.SUCCEEDED, result))
    return task.id


def bearing(app: Flask, account: Account, project: Project) -> Visitor:
    program = Visitor(app)
    token = tokens.create(account, "tests", project_id=project.id)
    program.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return program


def test_who_does_not_belong_to_a_project_finds_none_of_its_tasks_by_any_route(
    app: Flask, people: dict[Role, Account], payroll: str
) -> None:
    outside = signed_in(app, people[Role.ADMIN])  # an admin, but at work in the default project
    paths = [route for route in app.url_map.iter_rules() if "task_id" in route.arguments]
    assert len(paths) > 8
    for route in paths:
        _, path = route.build({name: payroll if name == "task_id" else 1 for name in route.arguments}) or ("", "")
        query = "?text=payroll" if path.endswith("/log/search") else ""
        for method in {"GET", *UNSAFE} & (route.methods or set()):
            answer = outside.send(method, path + query, headers={"X-CSRFToken": outside.token()})
            assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"
            assert "payroll" not in answer.text and "salaries" not in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/live", "/tasks", "/tasks/rows", "/api/tasks", "/api/tasks?name=payroll", "/workers", "/api/workers"]
)
def test_no_list_shows_what_belongs_to_another_project(
    app: Flask, people: dict[Role, Account], payroll: str, path: str
) -> None:
    assert "payroll" not in signed_in(app, people[Role.VIEWER]).get(path).text.replace("name=payroll", "")


def test_its_members_find_them(app: Flask, people: dict[Role, Account], payroll: str) -> None:
    member = signed_in(app, people[Role.OPERATOR])
    assert "payroll" in member.get("/tasks").text
    assert member.get(f"/tasks/{payroll}").status_code == 200
    assert member.get(f"/api/tasks/{payroll}/result").json["stdout"] == "salaries"


def test_a_result_that_was_just_read_by_a_member_is_not_read_by_others(
    app: Flask, people: dict[Role, Account], finance: Project, payroll: str
) -> None:
    member, other = bearing(app, people[Role.OPERATOR], finance), signed_in(app, people[Role.VIEWER])
    assert member.get(f"/api/tasks/{payroll}/result").status_code == 200
    assert other.get(f"/api/tasks/{payroll}/result").status_code == 404
    assert member.get(f"/api/tasks/{payroll}/result").status_code == 200


def test_what_somebody_submits_belongs_to_the_project_they_work_in(
    app: Flask, people: dict[Role, Account], finance: Project, payroll: str
) -> None:
    member = signed_in(app, people[Role.OPERATOR])
    headers = {"X-CSRFToken": member.token()}
    submitted = member.send("POST", "/api/tasks", json={"job": stream(1)}, headers=headers).json["id"]
    again = member.send("POST", f"/api/tasks/{payroll}/rerun", headers=headers).json["id"]
    by_token = (
        bearing(app, people[Role.OPERATOR], finance).send("POST", "/api/tasks", json={"job": stream(1)}).json["id"]
    )
    assert {db.session.get_one(Task, each).project_id for each in (submitted, again, by_token)} == {finance.id}


def test_what_comes_without_a_request_belongs_to_the_default_project_and_sees_all(payroll: str) -> None:
    assert service.submit(Submission(job=stream(1)), None).project_id == DEFAULT
    assert queries.find(payroll) is not None and queries.delivered(payroll) is not None


def test_a_token_of_a_project_ends_with_the_membership(
    app: Flask, people: dict[Role, Account], finance: Project
) -> None:
    program = bearing(app, people[Role.OPERATOR], finance)
    assert program.get("/api/tasks").status_code == 200
    admin = signed_in(app, people[Role.ADMIN])
    admin.post(f"/projects/{finance.id}/members/{people[Role.OPERATOR].id}/remove")
    assert program.get("/api/tasks").status_code == 401


def test_who_belongs_to_no_project_sees_nothing_and_submits_nothing(
    app: Flask, people: dict[Role, Account], finance: Project, payroll: str
) -> None:
    projects.remove(finance, people[Role.OPERATOR].id)
    nobody = signed_in(app, people[Role.OPERATOR])
    assert nobody.get("/api/tasks").json["items"] == []
    answer = nobody.send("POST", "/api/tasks", json={"job": stream(1)}, headers={"X-CSRFToken": nobody.token()})
    assert answer.status_code == 403 and "belong to no project" in answer.json["detail"]
    assert "belong to no project" in nobody.get("/account").text


def test_a_member_of_two_projects_works_in_one_at_a_time(
    app: Flask, people: dict[Role, Account], finance: Project, payroll: str
) -> None:
    projects.add(projects.get(DEFAULT), people[Role.OPERATOR].id)
    member = signed_in(app, people[Role.OPERATOR])
    assert member.get(f"/tasks/{payroll}").status_code == 404
    member.post("/projects/current", {"project": finance.id})
    assert member.get(f"/tasks/{payroll}").status_code == 200


def test_a_key_of_one_project_means_nothing_in_another(
    app: Flask, people: dict[Role, Account], finance: Project
) -> None:
    otto, body, key = people[Role.OPERATOR], {"job": stream(1)}, {"Idempotency-Key": "nightly"}
    projects.add(projects.get(DEFAULT), otto.id)
    here, there = bearing(app, otto, projects.get(DEFAULT)), bearing(app, otto, finance)
    first, other = (program.send("POST", "/api/tasks", json=body, headers=key) for program in (here, there))
    assert first.status_code == other.status_code == 202
    assert first.get_json()["id"] != other.get_json()["id"]
    assert there.send("POST", "/api/tasks", json=body, headers=key).get_json()["id"] == other.get_json()["id"]


@pytest.mark.parametrize("project", ["", "0", "999", "x", "-1"])
def test_nobody_works_in_a_project_that_is_not_open_to_them(
    app: Flask, people: dict[Role, Account], finance: Project, project: str
) -> None:
    viewer = signed_in(app, people[Role.VIEWER])
    for wanted in (project, str(finance.id)):
        assert viewer.post("/projects/current", {"project": wanted}).status_code == 404
    assert viewer.get("/").status_code == 200


def test_admins_make_projects_and_say_who_belongs_to_them(app: Flask, people: dict[Role, Account]) -> None:
    admin = signed_in(app, people[Role.ADMIN])
    admin.post("/projects", {"name": "logistics"})
    number = re.findall(r"/projects/(\d+)/members\"", admin.get("/projects").text)[-1]
    assert admin.post(f"/projects/{number}/members", {"username": "vera"}).status_code == 302
    assert [each.name for each in projects.open_to(people[Role.VIEWER].id, admin=False)] == ["default", "logistics"]
    assert admin.post("/projects", {"name": "logistics"}).status_code == 409
    assert admin.post(f"/projects/{number}/members", {"username": "nobody"}).status_code == 404


def test_a_new_account_belongs_to_the_default_project(app: Flask) -> None:
    made = accounts.create("nora", Role.VIEWER)
    assert [each.id for each in projects.open_to(made.id, admin=False)] == [DEFAULT]


def test_the_commands_do_the_same(app: Flask, people: dict[Role, Account], payroll: str) -> None:
    def flask(*words: str) -> str:
        done = app.test_cli_runner().invoke(args=words)
        assert done.exit_code == 0, done.output
        return done.output.strip()

    flask("project", "add", "finance", "vera")
    token = flask("token", "create", "--username", "vera", "--project", "finance", "--scope", "read")
    headers = {"Authorization": f"Bearer {token}"}
    assert Visitor(app).get(f"/api/tasks/{payroll}", headers=headers).status_code == 200
    flask("project", "remove", "finance", "vera")
    assert Visitor(app).get(f"/api/tasks/{payroll}", headers=headers).status_code == 401

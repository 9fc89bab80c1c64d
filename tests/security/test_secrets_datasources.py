"""Named connections: used by name, resolved in the worker alone, and never a way to somebody's password."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datax_job import document as documents
from tests.databases import Database
from tests.security.jobs import STREAM_READER, STREAM_WRITER
from tests.stack import Stack
from tests.webapp.visitor import Visitor
from webapp.accounts import service as accounts
from webapp.accounts import tokens
from webapp.datasources import references, service
from webapp.datasources.models import DataSource
from webapp.extensions import db
from webapp.projects import service as projects
from webapp.tasks import connected
from webapp.tasks.models import Task

CANARY = "c4n4ry-Wert"
ORDERS = {
    "name": "orders",
    "family": "mysql",
    "jdbc_url": "jdbc:mysql://127.0.0.1:1/shop",
    "username": "u",
    "password": CANARY,
}


@pytest.fixture
def orders(api: FlaskClient) -> DataSource:
    assert api.post("/api/datasources", json=ORDERS).status_code == 201
    return service.get("orders")


def reading(**parameter: Any) -> dict[str, Any]:
    given = {"datasource": "orders", "column": ["id"], "table": ["t"], **parameter}
    content = {"reader": {"name": "mysqlreader", "parameter": given}, "writer": STREAM_WRITER}
    return {"job": {"setting": {"speed": {"channel": 1}, "errorLimit": {"record": 0}}, "content": [content]}}


def problems(api: FlaskClient, job: dict[str, Any], **body: Any) -> list[tuple[str, str]]:
    answer = api.post("/api/check", json={"job": job, **body}).json
    return [(each["pointer"], each["message"]) for each in answer["problems"] if each["severity"] != "advice"]


def test_the_password_is_stored_sealed_and_shown_masked(api: FlaskClient, orders: DataSource) -> None:
    assert CANARY not in orders.password and orders.password != ""
    for path in ("/api/datasources", "/api/datasources/orders"):
        answer = api.get(path)
        assert CANARY not in answer.text and orders.password not in answer.text and "******" in answer.text


def test_a_document_uses_it_by_name(api: FlaskClient, orders: DataSource) -> None:
    assert problems(api, reading()) == []
    assert api.post("/api/tasks", json={"job": reading()}).status_code == 202


def test_its_server_counts_for_the_limits_of_hosts(api: FlaskClient, orders: DataSource) -> None:
    task_id = api.post("/api/tasks", json={"job": reading()}).json["id"]
    assert db.session.get_one(Task, task_id).hosts == ["127.0.0.1:1"]


def test_only_the_worker_sees_the_password(orders: DataSource) -> None:
    document = documents.parse(reading())
    parameter = connected.filled(document, {}, service.opened)["job"]["content"][0]["reader"]["parameter"]
    assert parameter == {
        "username": "u",
        "password": CANARY,
        "column": ["id"],
        "connection": [{"jdbcUrl": ["jdbc:mysql://127.0.0.1:1/shop"], "table": ["t"]}],
    }
    assert CANARY not in str(connected.filled(document, {}, service.masked))


def test_a_writer_gets_its_url_as_a_text(orders: DataSource) -> None:
    writer = {
        "name": "mysqlwriter",
        "parameter": {"datasource": "orders", "column": ["id"], "connection": [{"table": ["t"]}]},
    }
    document = documents.parse({"job": {"content": [{"reader": STREAM_READER, "writer": writer}]}})
    parameter = connected.filled(document, {}, service.masked)["job"]["content"][0]["writer"]["parameter"]
    assert parameter["connection"] == [{"jdbcUrl": "jdbc:mysql://127.0.0.1:1/shop", "table": ["t"]}]


PLACE = "/job/content/0/reader/parameter/datasource"


def test_what_is_not_there_is_refused(api: FlaskClient, orders: DataSource) -> None:
    assert problems(api, reading(datasource="order"))[0] == (PLACE, "there is no data source 'order'")
    assert problems(api, reading(datasource=["orders"]))[0][0] == PLACE
    assert problems(api, reading(datasource="a\u0000"))[0][0] != ""


@pytest.mark.parametrize(
    "own",
    [
        {"username": "x"},
        {"password": "x"},
        {"connection": [{"jdbcUrl": ["jdbc:mysql://evil/x"], "table": ["t"]}]},
        {"connection": {"jdbcUrl": "jdbc:mysql://evil/x"}},
    ],
)
def test_a_job_cannot_send_the_password_elsewhere(api: FlaskClient, orders: DataSource, own: dict[str, Any]) -> None:
    ((pointer, sentence), *_) = problems(api, reading(**own))
    assert pointer == PLACE and sentence.startswith("the data source says ")
    assert api.post("/api/tasks", json={"job": reading(**own)}).status_code == 422
    assert CANARY not in str(connected.filled(documents.parse(reading(**own)), {}, service.opened))


def test_a_plugin_of_another_database_is_refused(api: FlaskClient, orders: DataSource) -> None:
    job = reading()
    job["job"]["content"][0]["reader"]["name"] = "postgresqlreader"
    assert (PLACE, "this data source is for mysqlreader") in problems(api, job)


def test_a_parameter_may_choose_it_but_reaches_nothing_in_it(api: FlaskClient, orders: DataSource) -> None:
    job = reading(datasource="${name}")
    assert problems(api, job) == []
    assert problems(api, job, params={"name": "orders"}) == []
    document = documents.parse(job)
    assert CANARY in str(connected.filled(document, {"name": "orders", CANARY: "x"}, service.opened))


def test_the_policy_looks_at_what_the_name_stands_for(api: FlaskClient) -> None:
    api.post("/api/datasources", json=ORDERS | {"jdbc_url": "jdbc:mysql://169.254.169.254/x"})
    ((_, sentence), *_) = problems(api, reading())
    assert "DENIED_HOSTS" in sentence


def test_the_password_stays_when_it_is_not_given_anew(api: FlaskClient, orders: DataSource) -> None:
    for change in ({"options": {"session": ["set a = 1"]}}, {"password": "******"}, {"username": "u"}):
        assert api.patch("/api/datasources/orders", json=change).status_code == 200
        assert service.opened("orders").password == CANARY


@pytest.mark.parametrize("moved", [{"jdbc_url": "jdbc:mysql://evil/x"}, {"username": "root"}, {"family": "postgresql"}])
def test_the_password_does_not_follow_to_another_server(
    api: FlaskClient, orders: DataSource, moved: dict[str, str]
) -> None:
    for kept in ({}, {"password": "******"}):
        assert api.patch("/api/datasources/orders", json={**moved, **kept}).status_code == 422
    assert service.get("orders").jdbc_url == ORDERS["jdbc_url"]
    assert api.patch("/api/datasources/orders", json={**moved, "password": "new"}).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"jdbc_url": "mysql://h/x"},
        {"jdbc_url": "jdbc:mysql://h/x?password=y"},
        {"jdbc_url": "jdbc:mysql://${h}/x"},
        {"name": "a/b"},
        {"name": ""},
        {"options": {"password": "x"}},
        {"options": {"connection": "x"}},
        {"more": 1},
    ],
)
def test_what_makes_no_data_source_is_refused(api: FlaskClient, wrong: dict[str, Any]) -> None:
    assert api.post("/api/datasources", json=ORDERS | wrong).status_code == 422
    assert service.every() == []


def test_a_name_is_taken_once(api: FlaskClient, orders: DataSource) -> None:
    assert api.post("/api/datasources", json=ORDERS).status_code == 409


def test_a_deleted_one_is_gone(api: FlaskClient, orders: DataSource) -> None:
    assert api.delete("/api/datasources/orders").status_code == 204
    assert api.get("/api/datasources/orders").status_code == 404


def test_rotation_keeps_the_password(app: Flask, api: FlaskClient, orders: DataSource) -> None:
    before = orders.password
    assert app.test_cli_runner().invoke(args=["keys", "rotate", "--forget"]).exit_code == 0
    db.session.expire_all()
    assert service.get("orders").password != before and service.opened("orders").password == CANARY


def test_a_test_tells_what_the_server_said(api: FlaskClient, orders: DataSource) -> None:
    answer = api.post("/api/datasources/orders/test").json
    assert answer["ok"] is False and answer["message"] and CANARY not in answer["message"]


def test_a_test_connects(api: FlaskClient, pg: Database) -> None:
    body = {"name": "pg", "family": "postgresql", "jdbc_url": pg.jdbc_url, "username": pg.user}
    api.post("/api/datasources", json={**body, "password": pg.password})
    assert api.post("/api/datasources/pg/test").json == {"ok": True, "message": "Connected."}


def test_a_person_makes_changes_and_deletes_one_in_the_pages(visitor: Visitor) -> None:
    assert visitor.post("/datasources/new", {**ORDERS, "options": ""}).status_code == 302
    page = visitor.get("/datasources").text
    assert "jdbc:mysql://127.0.0.1:1/shop" in page and CANARY not in page
    form = visitor.get("/datasources/orders/edit").text
    assert CANARY not in form and 'value="******"' in form
    fields = {**ORDERS, "password": "******", "options": '{"batchSize": 7}'}
    assert visitor.post("/datasources/orders/edit", fields).status_code == 302
    assert service.opened("orders").password == CANARY and service.get("orders").options == {"batchSize": 7}
    refused = visitor.post("/datasources/orders/edit", {**fields, "username": "root"})
    assert refused.status_code == 422 and "give the password anew" in refused.text
    assert visitor.post("/datasources/orders/test").status_code == 302
    assert "orders:" in visitor.get("/datasources").text
    assert visitor.post("/datasources/orders/delete").status_code == 302
    assert service.every() == []


def test_a_page_in_chinese(app: Flask) -> None:
    visitor = Visitor(app, "zh")
    visitor.log_in()
    assert "数据源" in visitor.get("/datasources").text and "新建数据源" in visitor.get("/datasources/new").text


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    visitor = Visitor(app)
    visitor.log_in()
    return visitor


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """A program of a project of its own."""
    account = accounts.account_named("admin")
    project = projects.create("elsewhere")
    projects.add(project, account.id)
    client = app.test_client()
    token = tokens.create(account, "elsewhere", project_id=project.id)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def test_another_project_neither_sees_nor_uses_nor_changes_it(orders: DataSource, stranger: FlaskClient) -> None:
    assert stranger.get("/api/datasources").json == []
    assert problems(stranger, reading())[0] == (PLACE, "there is no data source 'orders'")
    for method, path in (("get", ""), ("delete", ""), ("post", "/test")):
        assert getattr(stranger, method)(f"/api/datasources/orders{path}").status_code == 404
    assert stranger.patch("/api/datasources/orders", json={"username": "u"}).status_code == 404


def test_each_project_has_its_own_of_a_name_and_a_worker_takes_that_of_the_task(
    orders: DataSource, stranger: FlaskClient
) -> None:
    assert stranger.post("/api/datasources", json=ORDERS | {"password": "theirs"}).status_code == 201
    theirs = db.session.get_one(Task, stranger.post("/api/tasks", json={"job": reading()}).json["id"])
    for project_id, password in ((orders.project_id, CANARY), (theirs.project_id, "theirs")):
        with service.within(project_id):
            assert service.opened("orders").password == password


def test_the_secrets_of_a_task_are_not_for_another_project(api: FlaskClient, stranger: FlaskClient) -> None:
    secret = {"job": '{"password": "s3cret-s3cret"}', "type": "validate"}
    task_id = api.post("/api/tasks", json=secret).json["id"]
    body = {"job": '{"password": "******"}', "type": "validate", "secrets_of": task_id}
    assert stranger.post("/api/tasks", json=body).status_code == 422
    assert api.post("/api/tasks", json=body).status_code == 202


def test_a_worker_runs_a_job_by_name(stack: Stack, pg: Database) -> None:
    pg.execute("CREATE TABLE t (id int)", "INSERT INTO t VALUES (41), (42)")
    body = {"name": "by-name", "family": "postgresql", "jdbc_url": pg.jdbc_url, "username": pg.user}
    assert stack.call("/api/datasources", {**body, "password": pg.password}).status == 201
    reader = {"name": "postgresqlreader", "parameter": {"datasource": "by-name", "column": ["id"], "table": ["t"]}}
    job = {
        "job": {
            "setting": {"speed": {"channel": 1}},
            "content": [{"reader": reader, "writer": {"name": "streamwriter", "parameter": {"print": True}}}],
        }
    }
    task = stack.finished(stack.submit(job))
    assert task["outcome"] == "succeeded" and "42" in task["result"]["stdout"]
    assert stack.finished(stack.submit(job, type="validate", deep=True))["outcome"] == "valid"
    stack.call("/api/datasources/by-name", method="DELETE")


@pytest.mark.parametrize(
    "beside",
    [
        {"loadUrl": ["evil.example:8030"]},
        {"feLoadUrl": "evil.example"},
        {"host": "evil.example"},
        {"port": 1},
        {"endpoint": "evil.example"},
        {"config": {"httpProxy": "evil.example"}},
        {"connection": [{"table": ["t"], "slaveJdbcUrl": "jdbc:mysql://evil.example/x"}]},
    ],
)
def test_a_job_may_bring_no_address_beside_a_data_source(
    api: FlaskClient, orders: DataSource, beside: dict[str, Any]
) -> None:
    found = problems(api, reading(**beside))
    assert any("where to connect to" in message for _, message in found), found
    value = references.resolved(reading(**beside), {}, service.opened)
    assert CANARY not in json.dumps(value)


def test_the_password_does_not_follow_an_address_among_the_options(api: FlaskClient, orders: DataSource) -> None:
    for options, status in (({"loadUrl": ["evil.example:8030"]}, 422), ({"batchSize": 7}, 200)):
        answer = api.patch("/api/datasources/orders", json={"options": options})
        assert answer.status_code == status, answer.text
    moved = {"options": {"loadUrl": ["new.example:8030"]}, "password": "new"}
    assert api.patch("/api/datasources/orders", json=moved).status_code == 200

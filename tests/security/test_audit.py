"""Who did what: written down by itself, and no entry changed, removed or moved without a trace."""

import csv
import io
import json
import re
import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from tests.conftest import stream
from tests.security.jobs import job
from tests.webapp.visitor import Visitor
from webapp import signals, spreadsheet
from webapp.audit import chain, queries
from webapp.audit.models import AuditEntry, AuditHead
from webapp.extensions import db


def entries() -> list[AuditEntry]:
    db.session.expire_all()
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.number)))


def told() -> list[tuple[str, str | None, str | None]]:
    return [(entry.action, entry.target, entry.actor) for entry in entries()]


@pytest.fixture
def empty(app: Flask) -> None:
    """Without what was written down while the first account was made."""
    for table in (AuditEntry, AuditHead):
        db.session.execute(delete(table))
    db.session.commit()


def write(count: int) -> None:
    for number in range(count):
        chain.append("task.submitted", f"t{number}", "ann", "10.0.0.1", {"name": "x"})


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    visitor = Visitor(app)
    visitor.log_in()
    return visitor


def test_a_task_is_written_down_from_submit_to_cancel(api: FlaskClient) -> None:
    first = api.post("/api/tasks", json={"job": stream(1), "name": "mine"}).json["id"]
    again = api.post(f"/api/tasks/{first}/rerun").json["id"]
    api.post(f"/api/tasks/{first}/cancel")
    expected = [
        ("task.submitted", first, "admin"),
        ("task.submitted", again, "admin"),
        ("task.cancelled", first, "admin"),
    ]
    assert told()[-3:] == expected
    entry = entries()[-3]
    assert entry.address == "127.0.0.1" and json.loads(entry.detail)["name"] == "mine"
    assert json.loads(entries()[-2].detail)["again"] == first


def test_what_a_policy_refused_is_written_down(api: FlaskClient) -> None:
    api.post("/api/tasks", json={"job": job(transformer=[{"name": "dx_groovy", "parameter": {"code": "x"}}])})
    assert told()[-1] == ("policy.refused", "/job/content/0/transformer/0/name", "admin")


def test_coming_and_going_is_written_down(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.log_in("not the password")
    visitor.log_in(username="my-secret-typed-as-a-name")
    visitor.log_in()
    visitor.post("/logout")
    found = [("login.failed", "admin", None), ("login.failed", "(unknown)", None), ("login", "admin", "admin")]
    assert told()[1:] == [*found, ("logout", "admin", "admin")]
    assert all(entry.address == "127.0.0.1" for entry in entries()[1:])


def test_accounts_tokens_and_data_sources_are_written_down(api: FlaskClient, visitor: Visitor) -> None:
    visitor.post("/accounts", {"username": "ann", "role": "viewer"})
    source = {"name": "orders", "family": "mysql", "jdbc_url": "jdbc:mysql://127.0.0.1/x", "password": "s3cret-s3cret"}
    api.post("/api/datasources", json=source)
    api.patch("/api/datasources/orders", json={"username": "u", "password": "s3cret-s3cret"})
    api.delete("/api/datasources/orders")
    actions = [action for action, _, _ in told()]
    assert actions[:2] == ["account.created", "token.created"] and actions[-4:] == [
        "account.created", "datasource.created", "datasource.changed", "datasource.deleted",
    ]  # fmt: skip
    assert "s3cret" not in str([(entry.detail, entry.target) for entry in entries()])


def test_a_whole_chain_is_proved(app: Flask, empty: None) -> None:
    write(5)
    assert list(chain.faults()) == []
    done = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert done.exit_code == 0 and done.output.startswith("5 entries, none changed.")


def test_an_empty_chain_is_whole(app: Flask, empty: None) -> None:
    assert list(chain.faults()) == []


def _change(column: str, value: Any) -> Any:
    return update(AuditEntry).where(AuditEntry.number == 3).values(**{column: value})


FORGERIES = {
    "another actor": [_change("actor", "bob")],
    "another target": [_change("target", "t9")],
    "another detail": [_change("detail", "{}")],
    "no address": [_change("address", None)],
    "another digest": [_change("digest", "0" * 64)],
    "removed": [delete(AuditEntry).where(AuditEntry.number == 3)],
    "the first removed": [delete(AuditEntry).where(AuditEntry.number == 1)],
    "the last removed": [delete(AuditEntry).where(AuditEntry.number == 5)],
    "all removed": [delete(AuditEntry)],
    "two exchanged": [
        update(AuditEntry).where(AuditEntry.number == 2).values(number=99),
        update(AuditEntry).where(AuditEntry.number == 3).values(number=2),
        update(AuditEntry).where(AuditEntry.number == 99).values(number=3),
    ],
    "removed, and the rest moved up": [
        delete(AuditEntry).where(AuditEntry.number == 3),
        update(AuditEntry).where(AuditEntry.number == 4).values(number=3),
        update(AuditEntry).where(AuditEntry.number == 5).values(number=4),
        update(AuditHead).values(number=4),
    ],
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forgery_is_found(app: Flask, empty: None, forgery: list[Any]) -> None:
    write(5)
    for statement in forgery:
        db.session.execute(statement)
    db.session.commit()
    assert list(chain.faults()) != []
    done = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert done.exit_code == 1


def test_a_chain_made_anew_is_told_by_a_digest_that_was_noted(app: Flask, empty: None) -> None:
    write(3)
    _, noted = chain.head()
    write(1)
    assert list(chain.faults(noted)) == []
    for table in (AuditEntry, AuditHead):
        db.session.execute(delete(table))
    db.session.commit()
    write(4)
    assert list(chain.faults()) == []
    (fault,) = chain.faults(noted)
    assert "made anew" in fault


def test_many_writers_at_once_make_one_chain_on_each_database(app_on_each_database: Flask) -> None:
    app, failed, before = app_on_each_database, [], len(entries())

    def writer(name: str) -> None:
        with app.app_context():
            try:
                for number in range(10):
                    chain.append("task.submitted", f"{name}-{number}", name, None, {})
            except Exception as error:  # a thread's failure is the test's
                failed.append(error)

    threads = [threading.Thread(target=writer, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and len(entries()) == before + 40
    assert list(chain.faults()) == []


def test_what_does_not_fit_is_cut_and_still_proved(app: Flask) -> None:
    chain.append("a" * 100, "t\x00" * 300, "é" * 300, "x" * 100, {"name": "\x00 \U0001f600"})
    assert list(chain.faults()) == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "  =cmd|' /C calc'!A0", "\uff1d1+1"])
def test_no_cell_of_the_csv_is_a_formula(text: str) -> None:
    assert spreadsheet.defused(text) == f"'{text}"


def test_ordinary_cells_stay_as_they_are() -> None:
    assert [spreadsheet.defused(value) for value in ("a=b", 5, None, "2026-01-01", "")] == [
        "a=b",
        "5",
        "",
        "2026-01-01",
        "",
    ]


def test_an_admin_reads_filters_and_exports(visitor: Visitor) -> None:
    write(3)
    signals.tell("task.cancelled", "=HYPERLINK(1)", actor="=cmd")
    page = visitor.get("/audit").text
    assert "task.submitted" in page and "=HYPERLINK(1)" in page
    assert "login" not in re.findall(r"<code>([^<]*)</code>", visitor.get("/audit?action=task.*").text)
    assert "Nothing matches." in visitor.get("/audit?actor=nobody").text
    rows = list(csv.DictReader(io.StringIO(visitor.get("/audit/export.csv?action=task.cancelled").text)))
    assert [(row["target"], row["actor"]) for row in rows] == [("'=HYPERLINK(1)", "'=cmd")]
    lines = visitor.get("/audit/export.jsonl?target=t1").text.splitlines()
    assert [json.loads(line)["detail"] for line in lines] == [{"name": "x"}]


def test_a_long_audit_is_read_page_by_page(visitor: Visitor) -> None:
    write(105)
    page = visitor.get("/audit?action=task.*").text
    (older,) = re.findall(r'rel="next" href="([^"]+)"', page)
    assert "t104" in page and "t0<" not in page
    assert "t0<" in visitor.get(older.replace("&amp;", "&")).text
    assert len(list(queries.every(queries.Filter(action="task.*")))) == 105


@pytest.mark.parametrize("query", ["before=x", "before=0", "since=yesterday", "action=%00", "other=1"])
def test_a_query_that_cannot_be_is_refused(visitor: Visitor, query: str) -> None:
    assert visitor.get(f"/audit?{query}").status_code == 422

"""GET /api/tasks: filters and keyset pages."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import stream
from webapp.extensions import db
from webapp.states import State
from webapp.tasks import service
from webapp.tasks.models import Task
from webapp.tasks.submission import Submission

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def seven(app: Flask) -> list[str]:
    """Seven tasks, the oldest first; the third and the fourth have the same time."""
    ids = []
    for number in range(7):
        task = service.create(Submission(job=stream(1), name=f"job {number % 2}"), None)
        task.created_at = START + timedelta(minutes=number if number != 3 else 2)
        task.state = State.SUCCESS if number < 2 else State.PENDING
        ids.append(task.id)
    db.session.commit()
    return ids


def test_pages_show_every_task_once_newest_first(api: FlaskClient, seven: list[str]) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get("/api/tasks", query_string={"limit": 2, **({"cursor": cursor} if cursor else {})}).json
        seen += [task["id"] for task in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == 7 and set(seen) == set(seven)
    assert seen[0] == seven[6] and seen[-1] == seven[0]


def test_a_task_that_arrives_meanwhile_moves_no_page(api: FlaskClient, seven: list[str]) -> None:
    first = api.get("/api/tasks?limit=3").json
    service.submit(Submission(job=stream(1)), None)
    second = api.get("/api/tasks", query_string={"limit": 3, "cursor": first["next_cursor"]}).json
    assert not {t["id"] for t in first["items"]} & {t["id"] for t in second["items"]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=SUCCESS", {0, 1}),
        ("name=job%201", {1, 3, 5}),
        ("type=validate", set()),
        ("since=2026-01-01T00:05:00Z", {5, 6}),
        ("until=2026-01-01T00:01:00Z", {0}),
        ("state=PENDING&name=job%200&until=2026-01-01T00:05:00%2B00:00", {2, 4}),
    ],
)
def test_filters_narrow_the_list(api: FlaskClient, seven: list[str], query: str, expected: set[int]) -> None:
    found = api.get(f"/api/tasks?{query}").json["items"]
    assert {seven.index(task["id"]) for task in found} == expected


@pytest.mark.parametrize(
    "query",
    [
        "state=DONE",
        "limit=0",
        "limit=201",
        "limit=x",
        "cursor=%21",
        "cursor=YQ",
        "since=yesterday",
        "since=2026-01-01",
        "page=2",
        "type=",
    ],
)
def test_a_wrong_filter_is_refused(api: FlaskClient, query: str) -> None:
    answer = api.get(f"/api/tasks?{query}")
    assert answer.status_code == 422 and answer.json["errors"]


def test_a_filter_given_twice_is_refused(api: FlaskClient) -> None:
    assert api.get("/api/tasks?limit=1&limit=2").status_code == 400


def test_every_list_follows_an_index(app: Flask, seven: list[str]) -> None:
    for where in (
        "WHERE project_id = 1",
        "WHERE project_id = 1 AND state = 'PENDING'",
        "WHERE project_id = 1 AND type = 'execute'",
        "WHERE project_id = 1 AND name = 'x'",
        "WHERE project_id = 1 AND outcome = 'failed'",
    ):
        plan = db.session.execute(
            db.text(f"EXPLAIN QUERY PLAN SELECT * FROM task {where} ORDER BY created_at DESC, id DESC LIMIT 50")
        )
        text = " ".join(row.detail for row in plan)
        assert "USING INDEX" in text and "TEMP B-TREE" not in text, (where, text)
    assert db.session.get(Task, seven[0]) is not None

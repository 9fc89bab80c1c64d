"""GET /api/tasks: filters and keyset pages."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.conftest import stream
from tests.webapp.visitor import Visitor
from webapp import clock
from webapp.extensions import db
from webapp.states import State
from webapp.tasks import listing, service
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
        "last=2h",
        "text=",
        "engine=a%0Ab",
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
        "WHERE project_id = 1 AND queue = 'night'",
        "WHERE project_id = 1 AND engine = 'datax'",
    ):
        plan = db.session.execute(
            db.text(f"EXPLAIN QUERY PLAN SELECT * FROM task {where} ORDER BY created_at DESC, id DESC LIMIT 50")
        )
        text = " ".join(row.detail for row in plan)
        assert "USING INDEX" in text and "TEMP B-TREE" not in text, (where, text)
    assert db.session.get(Task, seven[0]) is not None


def some(count: int, **values: Any) -> list[str]:
    """So many tasks, the oldest first, a minute apart."""
    tasks = [service.create(Submission(job=stream(1)), None) for _ in range(count)]
    for number, task in enumerate(tasks):
        task.created_at = START + timedelta(minutes=number)
        for name, value in values.items():
            setattr(task, name, value(number) if callable(value) else value)
    db.session.commit()
    return [task.id for task in tasks]


def pages(api: FlaskClient, **query: Any) -> Iterator[list[str]]:
    cursor = ""
    while cursor is not None:
        page = api.get("/api/tasks", query_string={**query, **({"cursor": cursor} if cursor else {})}).json
        yield [task["id"] for task in page["items"]]
        cursor = page["next_cursor"]


@pytest.fixture
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that looks through six rows a page."""
    monkeypatch.setattr(listing, "STEPS", (2, 4))


@pytest.mark.usefixtures("short_steps")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"queue": "night"}, [28, 21, 14, 7, 0]),
        ({"engine": "datax"}, [27, 24, 21, 18, 15, 12, 9, 6, 3, 0]),
        ({"queue": "night", "engine": "datax"}, [21, 0]),
        ({"queue": "night", "engine": "datax", "text": "ORDERS"}, [0]),
        ({"queue": "night", "type": "validate"}, []),
        ({"text": "no such name"}, []),
        ({"text": "100%"}, [5]),
        ({"text": "订单"}, [6]),
        ({"text": "orders", "since": "2026-01-01T00:10:00Z", "until": "2026-01-01T00:26:00Z"}, [20, 10]),
    ],
)
def test_a_search_finds_each_task_once_however_far_it_looks_at_a_time(
    api: FlaskClient, query: dict[str, str], expected: list[int]
) -> None:
    names = {5: "100% sure", 6: "每日订单"}
    ids = some(
        30,
        queue=lambda number: "default" if number % 7 else "night",
        engine=lambda number: "duckdb" if number % 3 else "datax",
        name=lambda number: names.get(number, f"Orders {number}" if number % 10 == 0 else f"other {number}"),
    )
    found = list(pages(api, limit=3, **query))
    assert [ids.index(task_id) for page in found for task_id in page] == expected
    assert all(len(page) <= 3 for page in found)


@pytest.mark.usefixtures("short_steps")
def test_a_task_is_found_by_the_beginning_of_its_id_wherever_it_is(api: FlaskClient) -> None:
    ids = some(30)
    assert next(pages(api, text=ids[3][:8])) == [ids[3]]
    assert next(pages(api, text=ids[3].upper(), limit=1)) == [ids[3]]
    assert next(pages(api, text=f" {ids[3]} ")) == [ids[3]]
    assert next(pages(api, text=ids[3], state="SUCCESS")) == []


@pytest.mark.usefixtures("short_steps")
def test_who_has_the_text_both_as_id_and_in_the_name_is_found_once(api: FlaskClient) -> None:
    ids = some(20)
    text = ids[4][:8]
    for task_id in (ids[4], ids[9]):
        db.session.get_one(Task, task_id).name = f"rerun of {text}"
    db.session.commit()
    for limit in (1, 2, 50):
        assert [task for page in pages(api, text=text, limit=limit) for task in page] == [ids[4], ids[9]]


def test_a_search_says_how_far_back_it_got(app: Flask, short_steps: None) -> None:
    some(30, name="other")
    found = listing.page(listing.Filter(text="none"), 50)
    assert not found.tasks and found.searched_to == START + timedelta(minutes=22)
    everything = listing.page(listing.Filter(text="other"), 50, listing.cursor_after(START + timedelta(minutes=6)))
    assert len(everything.tasks) == 6 and everything.searched_to is None


def test_the_last_hour_moves_with_the_clock(api: FlaskClient) -> None:
    ids = some(3, created_at=lambda number: clock.now() - timedelta(minutes=50 * number))
    assert list(pages(api, last="1h")) == [[ids[0], ids[1]]]
    assert list(pages(api, last="1h", since=clock.iso(clock.now() - timedelta(minutes=5)))) == [[ids[0]]]
    assert list(pages(api, last="24h")) == [ids]


def test_searches_are_the_same_on_each_database(app_on_each_database: Flask, short_steps: None) -> None:
    ids = some(30, queue=lambda number: "default" if number % 7 else "night", name=lambda number: f"Job {number % 4}")
    for wanted, expected in (
        (listing.Filter(queue="night", text="job 3"), [7]),
        (listing.Filter(queue="night", name="Job 0"), [28, 0]),
        (listing.Filter(text="%"), []),
        (listing.Filter(text=ids[2][:13]), [2]),
    ):
        found = [task.id for some_tasks in listing.every(wanted, 2) for task in some_tasks]
        assert [ids.index(task_id) for task_id in found] == expected, wanted
    assert listing.newer(listing.Filter(queue="night"), listing.Position(START + timedelta(minutes=14), "~"), 9) == 2


@pytest.fixture
def plans(app: Flask) -> Iterator[list[str]]:
    """How SQLite, which has no statistics here as in a new installation, goes about each query for tasks."""
    found: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT task.") and " JOIN " not in statement:
            rows = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.append("; ".join(row[3] for row in rows))

    event.listen(db.engine, "before_cursor_execute", explain)
    yield found
    event.remove(db.engine, "before_cursor_execute", explain)


@pytest.mark.parametrize(
    "wanted",
    [
        listing.Filter(since=START, until=START),
        listing.Filter(state="PENDING", since=START),
        listing.Filter(queue="default", text="x"),
        listing.Filter(queue="default", engine="datax", state="SUCCESS", until=START),
        listing.Filter(text="x", since=START),
        listing.Filter(text="0123abcd"),
    ],
)
def test_a_search_reads_a_range_of_one_index(plans: list[str], api: FlaskClient, wanted: listing.Filter) -> None:
    given = {
        name: value for name in listing.Filter.__dataclass_fields__ if (value := getattr(wanted, name)) is not None
    }
    times = {name: clock.iso(given[name]) for name in ("since", "until") if name in given}
    some(3)
    plans.clear()
    assert api.get("/api/tasks", query_string={**given, **times, "limit": 1}).status_code == 200
    assert plans
    for plan in plans:
        assert "SCAN" not in plan, plan
        assert "ix_task_" in plan and "TEMP B-TREE" not in plan or "sqlite_autoindex_task_1" in plan, plan


def test_tasks_by_id_are_read_by_their_key(plans: list[str], visitor: Visitor) -> None:
    ids = some(2)
    plans.clear()
    assert visitor.get(f"/tasks/news?ids={','.join(ids)}").text.count("data-key") == 3
    assert plans and all("sqlite_autoindex_task_1" in plan and "ix_task_" not in plan for plan in plans)

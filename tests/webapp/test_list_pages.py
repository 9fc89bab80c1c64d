"""The page of the list: its filter, its news, its files."""

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask

from tests.webapp.test_lists import some
from tests.webapp.test_pages_tasks import EVIL, finished, running, submitted
from tests.webapp.visitor import Visitor, one, seen
from webapp import clock
from webapp.extensions import db
from webapp.projects.models import Project
from webapp.states import Outcome, State, TaskType
from webapp.tasks import listing, service
from webapp.tasks.models import Task
from webapp.tasks.submission import Submission


def news_of(page: str) -> str:
    return one(r'data-live="([^"]+)"', page)


def shown(page: str) -> list[str]:
    return re.findall(r'data-key="([0-9a-f-]{36})"', page)


def test_each_filter_that_is_on_can_be_taken_away_alone(visitor: Visitor) -> None:
    page = visitor.get("/tasks?state=PENDING&text=order&last=24h&since=2026-01-31T02:00").text
    chips = page[page.index('class="chips"') : page.index('id="rows"')]
    assert "State: waiting ×" in seen(chips) and "Created: last 24 hours ×" in seen(chips)
    hrefs = [unescape(href) for href in re.findall(r'href="([^"]+)"', chips)]
    assert "/tasks?text=order&last=24h&since=2026-01-31T02:00Z" in hrefs
    assert hrefs[-1] == "/tasks"


def test_a_search_that_stopped_says_how_far_it_got_and_goes_on(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "STEPS", (2, 4))
    some(20, name="other")
    page = visitor.get("/tasks?text=none").text
    assert "Searched back to 2026-01-01 00:12:00 UTC" in seen(page)
    assert "No task matches." not in page
    while 'rel="next"' in page:
        page = visitor.get(one(r'rel="next" href="([^"]+)"', page)).text
    assert "No task matches." in page


def test_news_are_the_unfinished_rows_and_a_count_of_what_is_newer(visitor: Visitor) -> None:
    busy, done = running("busy"), finished("done")
    address = news_of(visitor.get("/tasks").text)
    assert busy.id in address and done.id not in address
    first = visitor.get(address).text
    assert shown(first) == [busy.id] and "data-newer" not in first
    service.cancel(busy.id, "ann")
    submitted("comes later")
    later = visitor.get(address).text
    assert "1 new task – show" in later
    assert "stopping" in later and "comes later" not in later


def test_news_count_only_what_the_filter_finds(visitor: Visitor) -> None:
    finished("done")
    address = news_of(visitor.get("/tasks?text=done").text)
    submitted("something else")
    assert "data-newer" not in visitor.get(address).text
    for _ in range(2):
        submitted("also done")
    assert "2 new tasks – show" in visitor.get(address).text


def test_many_new_tasks_are_not_all_counted(visitor: Visitor) -> None:
    address = news_of(visitor.get("/tasks").text)
    some(120, created_at=lambda number: clock.now())
    assert "99+ new tasks – show" in visitor.get(address).text


def test_a_later_page_is_followed_only_while_something_runs_on_it(visitor: Visitor) -> None:
    ids = some(60, state="SUCCESS")
    later = one(r'rel="next" href="([^"]+)"', visitor.get("/tasks").text)
    assert "data-live" not in visitor.get(later).text
    db.session.get_one(Task, ids[0]).state = State.STARTED
    db.session.commit()
    address = news_of(visitor.get(later).text)
    assert ids[0] in address and "than=" not in address


def test_a_time_that_is_over_has_no_news(visitor: Visitor) -> None:
    some(3, state="SUCCESS")
    assert "data-live" not in visitor.get("/tasks?until=2026-02-01T00:00").text
    assert "data-live" in visitor.get("/tasks?since=2026-01-01T00:00").text


def test_the_address_of_the_news_fits_into_a_request_line(visitor: Visitor) -> None:
    for number in range(50):
        service.submit(Submission(job={"job": {}}, type=TaskType.VALIDATE), None, task_id=f"{number}{'x' * 150}")
    address = news_of(visitor.get(f"/tasks?last=24h&text={'x' * 100}").text)
    assert len(address) < 4000
    assert visitor.get(address).status_code == 200


def test_a_wrong_news_address_is_refused(visitor: Visitor) -> None:
    assert visitor.get("/tasks/news?than=nonsense").status_code == 422
    assert visitor.get("/tasks/news?state=DONE").status_code == 422
    assert visitor.get("/tasks/news?ids=%00,none,").status_code == 200


def test_hostile_names_stay_text_in_every_part_of_the_list(visitor: Visitor) -> None:
    task = submitted(EVIL)
    for path in ("/tasks", "/tasks/rows", "/tasks/news?ids=" + task.id):
        page = visitor.get(path).text
        assert "<script>alert" not in page and "&lt;script&gt;" in page
    page = visitor.get("/tasks", query_string={"text": EVIL}).text
    assert "<script>alert" not in page and task.id in page
    assert "<script>alert" not in visitor.get("/tasks", query_string={"text": EVIL, "queue": EVIL[:40]}).text


def test_the_csv_has_what_the_filter_finds_and_no_formula(visitor: Visitor) -> None:
    error = {"code": "Framework-14", "message": "@SUM(A1)", "hint": None}
    finished('=HYPERLINK("http://x")', Outcome.FAILED, error=error)
    finished("每日, 订单")
    submitted("another")
    answer = visitor.get("/tasks/export.csv?state=SUCCESS")
    assert answer.mimetype == "text/csv"
    assert re.search(r'attachment; filename="?tasks-[\d-]+\.csv"?', answer.headers["Content-Disposition"])
    assert answer.data.startswith(b"\xef\xbb\xbfid,name,")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["每日, 订单", '\'=HYPERLINK("http://x")']
    assert [row["error_message"] for row in rows] == ["", "'@SUM(A1)"]
    assert rows[0]["outcome"] == "succeeded" and float(rows[0]["duration"]) >= 0


def test_the_json_has_every_page_of_the_list(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.tasks.list_pages.EXPORTED_AT_ONCE", 7)
    ids = some(20)
    found = json.loads(visitor.get("/tasks/export.json").data)
    assert [task["id"] for task in found] == ids[::-1]
    assert found[0]["created_at"] == "2026-01-01T00:19:00.000000Z" and found[0]["finished_at"] is None
    assert json.loads(visitor.get("/tasks/export.json?text=nothing").data) == []


def test_a_file_holds_neither_documents_nor_results(visitor: Visitor) -> None:
    task = finished("done")
    for ending in ("csv", "json"):
        text = visitor.get(f"/tasks/export.{ending}").text
        assert task.id in text and "streamreader" not in text and "all of it" not in text


def test_a_wrong_filter_makes_no_file(visitor: Visitor) -> None:
    assert visitor.get("/tasks/export.csv?state=DONE").status_code == 422
    assert visitor.get("/tasks/export.csv?cursor=abc").status_code == 422


def test_files_and_searches_keep_to_the_project(app: Flask, visitor: Visitor) -> None:
    finished("seen")
    hidden = finished("hidden")
    db.session.get_one(Task, hidden.id).project_id = _other_project()
    db.session.commit()
    for path in ("/tasks/export.json", "/tasks?text=e", f"/tasks?text={hidden.id}", f"/tasks/news?ids={hidden.id}"):
        assert f'"{hidden.id}"' not in visitor.get(path).text.replace(f'value="{hidden.id}"', ""), path


def _other_project() -> int:
    project = Project(name="other")
    db.session.add(project)
    db.session.flush()
    return project.id


def test_the_last_day_keeps_moving(visitor: Visitor) -> None:
    old = finished("old")
    finished("young")
    db.session.get_one(Task, old.id).created_at = clock.now() - timedelta(hours=25)
    db.session.commit()
    page = seen(visitor.get("/tasks?last=24h").text)
    assert "young" in page and "old" not in page.replace("older", "")

"""The first page: what runs, what waits, what went wrong, who works."""

from datetime import datetime, timedelta

import pytest
from flask import Flask, current_app

from tests.webapp.test_pages_tasks import EVIL, finished, running, submitted
from tests.webapp.test_workers import announced
from tests.webapp.visitor import Visitor, one, seen
from webapp import clock
from webapp.extensions import db
from webapp.home.pages import BAR_STEP, CHART_HEIGHT, bars
from webapp.home.queries import HOURS, Hour
from webapp.states import Outcome
from webapp.tasks import service

NOW = clock.now()


def home(visitor: Visitor) -> str:
    """As somebody sees it who comes a little later."""
    current_app.extensions["home_sights"]._kept.clear()
    return visitor.get("/").text


def tile(page: str, word: str) -> str:
    return one(rf'<span class="word">{word}</span><strong>([^<]*)</strong>', page)


def test_a_newcomer_is_led_to_a_first_job(visitor: Visitor) -> None:
    page = home(visitor)
    assert "Your first job in a minute" in page and "/tasks/new?example=" in page
    submitted()
    assert "Your first job in a minute" not in home(visitor)


def test_what_runs_waits_failed_and_succeeded_is_counted(visitor: Visitor) -> None:
    running("now")
    submitted("later")
    finished("well")
    finished("badly", Outcome.FAILED, error={"code": "X", "message": "the disk is full", "hint": None})
    finished("lost", Outcome.LOST)
    page = home(visitor)
    assert [tile(page, word) for word in ("Running", "Waiting", "Succeeded", "Failed")] == ["1", "1", "1", "2"]
    assert "the disk is full" in seen(page)
    assert page.index("badly") < page.index(">now<"), "failures come first"


def test_failures_of_yesterday_are_over(visitor: Visitor) -> None:
    task = finished("old", Outcome.FAILED, error={"code": "X", "message": "the disk is full", "hint": None})
    task.created_at = clock.now() - timedelta(hours=25)
    db.session.commit()
    page = home(visitor)
    assert tile(page, "Failed") == "0" and "the disk is full" not in page


def test_without_a_worker_the_page_says_how_to_start_one(visitor: Visitor) -> None:
    assert "No worker is alive" in home(visitor)
    announced()
    page = home(visitor)
    assert "No worker is alive" not in page and tile(page, "Workers") == "1"


def test_what_tasks_wait_for_is_said(visitor: Visitor) -> None:
    task = submitted("second")
    task.waiting_for = {"code": "queue-limit", "limit": 3, "queue": "default"}
    db.session.commit()
    assert "3 tasks of the queue default run, which is its limit." in seen(home(visitor))


def test_many_who_watch_ask_the_database_as_often_as_one(app: Flask, visitor: Visitor) -> None:
    home(visitor)
    submitted("unseen for a moment")
    assert tile(visitor.get("/live").text, "Waiting") == "0"
    current_app.extensions["home_sights"]._kept.clear()
    assert tile(visitor.get("/live").text, "Waiting") == "1"


def test_names_and_causes_show_as_text_in_both_languages(app: Flask, visitor: Visitor) -> None:
    running(EVIL)
    finished(EVIL, Outcome.FAILED, error={"code": "X", "message": EVIL * 100, "hint": None})
    chinese = Visitor(app, "zh-CN")
    chinese.log_in()
    for page in (home(visitor), home(chinese)):
        assert "<script>alert" not in page and "&lt;script&gt;" in page
    assert "正在运行" in home(chinese)


def hours(*counts: tuple[int, int, int]) -> list[Hour]:
    begin = datetime(2026, 1, 1, tzinfo=NOW.tzinfo)
    return [Hour(begin + timedelta(hours=number), *count) for number, count in enumerate(counts)]


def test_columns_stand_on_the_ground_with_the_bad_on_top() -> None:
    good, bad = bars(hours((3, 1, 0)))
    assert (good.kind, bad.kind) == ("good", "bad")
    assert good.y + good.height == CHART_HEIGHT and bad.y + bad.height == pytest.approx(good.y)
    assert good.height == pytest.approx(3 * bad.height)


def test_one_failure_beside_a_million_is_visible() -> None:
    found = bars(hours((1_000_000, 1, 1), (0, 0, 0), (0, 1, 0)))
    assert all(bar.height >= 2 and 0 <= bar.y < CHART_HEIGHT for bar in found)
    assert {bar.x for bar in found} == {0, 2 * BAR_STEP}
    assert bars(hours(*[(0, 0, 0)] * HOURS)) == []


def test_a_theme_is_kept_by_the_browser_and_written_into_every_page(stranger: Visitor) -> None:
    assert one(r'data-theme="([^"]*)"', stranger.get("/login").text) == "system"
    answer = stranger.post("/theme", {"theme": "dark", "next": "/login"})
    assert answer.location == "/login" and "HttpOnly" in answer.headers["Set-Cookie"]
    assert one(r'data-theme="([^"]*)"', stranger.get("/login").text) == "dark"
    assert stranger.post("/theme", {"theme": '"><script>', "next": "//elsewhere"}).location == "/"
    assert one(r'data-theme="([^"]*)"', stranger.get("/login").text) == "dark"


def test_a_task_that_is_cancelled_is_neither_good_nor_bad(visitor: Visitor) -> None:
    service.cancel(submitted("unwanted").id, by="admin")
    page = home(visitor)
    assert (tile(page, "Succeeded"), tile(page, "Failed"), tile(page, "Waiting")) == ("0", "0", "0")
    assert 'class="other"' in page

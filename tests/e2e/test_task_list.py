"""The list of tasks: filters, what changes in it, selected tasks."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import stream
from tests.e2e.conftest import SECONDS, log_in
from tests.stack import Stack

LANGUAGES: dict[str, dict[str, Any]] = {
    "en-US": {
        "show": re.compile("1 new task – show"),
        "cancel": "Cancel…",
        "cancel one": "Cancel 1 task",
        "rerun": "Run again…",
        "rerun two": "Run 2 tasks again",
        "all": "Show all",
        "more": "More filters",
        "now": re.compile("now|sec"),
    },
    "zh-CN": {
        "show": re.compile("1 个新任务 — 显示"),
        "cancel": "取消…",
        "cancel one": "取消 1 个任务",
        "rerun": "再次运行…",
        "rerun two": "再次运行 2 个任务",
        "all": "显示全部",
        "more": "更多筛选",
        "now": re.compile("现在|秒"),
    },
}


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> dict[str, Any]:
    return LANGUAGES[request.param]


@pytest.fixture
def page(open_page: Callable[..., Page], stack: Stack, words: dict[str, Any]) -> Page:
    """The list, as somebody sees it who is signed in and whose browser speaks that language."""
    locale = next(code for code, said in LANGUAGES.items() if said is words)
    page = open_page(locale=locale)
    log_in(page, stack)
    page.goto("/tasks")
    return page


def test_a_new_task_is_announced_and_nothing_moves_until_it_is_asked_for(
    page: Page, stack: Stack, words: dict[str, Any]
) -> None:
    stack.finished(stack.submit(stream(1), name="was there before"))
    page.reload()
    page.evaluate("window.loadedOnce = true")
    link = page.locator("#rows a", has_text="was there before").first
    link.focus()
    place = link.bounding_box()
    later = stack.submit(stream(1), name="comes later")
    news = page.locator("[data-newer]")
    expect(news).to_have_text(words["show"], timeout=15 * SECONDS)
    assert link.bounding_box() == place
    assert page.evaluate("document.activeElement.textContent") == "was there before"
    news.click()
    row = page.locator(f'tr[data-key="{later}"]')
    expect(row.locator(".badge")).to_have_class(re.compile("succeeded"), timeout=30 * SECONDS)
    expect(row.locator("time")).to_have_text(words["now"])
    expect(news).to_have_count(0)
    assert page.evaluate("window.loadedOnce")


def test_a_filter_acts_at_once_stands_in_the_address_and_comes_off(
    page: Page, stack: Stack, words: dict[str, Any]
) -> None:
    language = page.locator("html").get_attribute("lang")
    stack.finished(stack.submit(stream(1), name=f"Filtered {language} 每日"))
    page.reload()
    page.locator("#filters [name=outcome]").focus()
    page.select_option("#filters [name=outcome]", "succeeded")
    page.wait_for_url("/tasks?outcome=succeeded")
    expect(page.locator("#filters [name=outcome]")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("/")
    page.keyboard.type(f"filtered {language} 每")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"text=filtered"))
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    expect(page.locator(".chips li")).to_have_count(3)
    page.locator(".chips a").first.click()
    page.wait_for_url("/tasks?outcome=succeeded")
    page.go_back()
    page.wait_for_url(re.compile(r"text=filtered"))
    expect(page.locator("#filters [name=text]")).to_have_value(f"filtered {language} 每")
    page.get_by_role("link", name=words["all"]).first.click()
    page.wait_for_url("/tasks")


@pytest.mark.parametrize("words", ["zh-CN"], indirect=True)
def test_a_time_is_given_in_the_browsers_zone(page: Page, stack: Stack, words: dict[str, Any]) -> None:
    page.get_by_text(words["more"]).click()
    page.fill("#filters [name=since]", "2026-01-31T10:00")
    page.fill("#filters [name=until]", "2026-01-31T11:00")
    page.keyboard.press("Enter")
    page.wait_for_url("/tasks?since=2026-01-31T02%3A00%3A00.000Z&until=2026-01-31T03%3A00%3A00.000Z")
    expect(page.locator("#filters [name=since]")).to_have_value("2026-01-31T10:00")
    expect(page.locator(".chips time").first).to_contain_text("10:00:00")
    expect(page.locator("#rows .empty")).to_be_visible()


def test_selected_tasks_are_cancelled_once_one_has_seen_what_will_happen(
    page: Page, stack: Stack, words: dict[str, Any]
) -> None:
    done = stack.finished(stack.submit(stream(1), name="has ended"))["id"]
    waiting = stack.submit(stream(1), name="waits for ever", queue="nobody-serves-it")
    page.reload()
    for task in (done, waiting):
        page.check(f'input[value="{task}"]')
    page.get_by_role("button", name=words["cancel"]).click()
    expect(page.locator(".selected li")).to_have_count(1)
    assert stack.call(f"/api/tasks/{waiting}").json()["state"] == "PENDING"
    page.get_by_role("button", name=words["cancel one"]).click()
    expect(page.locator(".selected .badge")).to_have_class(re.compile("cancelled"))
    assert stack.call(f"/api/tasks/{waiting}").json()["state"] == "REVOKED"


@pytest.mark.parametrize("words", ["en-US"], indirect=True)
def test_a_whole_page_is_selected_and_then_all_that_match(page: Page, stack: Stack, words: dict[str, Any]) -> None:
    name = f"one of {page.locator('html').get_attribute('lang')} three"
    for _ in range(3):
        stack.submit(stream(1), name=name, queue="nobody-serves-it")
    page.goto(f"/tasks?text={name}&queue=nobody-serves-it")
    boxes = page.locator("#rows tbody input")
    boxes.nth(0).check()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator("#rows tbody input:checked")).to_have_count(3)
    expect(page.locator("#pick-all")).to_be_checked()
    page.locator("#pick-all").uncheck()
    expect(page.locator("#bulk")).to_be_hidden()
    boxes.nth(1).check()
    page.check("#bulk [name=all]")
    page.get_by_role("button", name=words["cancel"]).click()
    expect(page.locator(".selected li")).to_have_count(3)
    page.locator("form.answer button").click()
    expect(page.locator(".selected .badge.cancelled")).to_have_count(3)


@pytest.mark.parametrize("words", ["zh-CN"], indirect=True)
def test_what_the_filter_finds_is_saved_as_a_file(page: Page, stack: Stack, words: dict[str, Any]) -> None:
    stack.finished(stack.submit(stream(1), name="=saved 保存"))
    page.goto("/tasks?text=saved&state=SUCCESS")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert text.startswith("id,name,") and "'=saved 保存" in text and "SUCCESS" in text
    assert download.value.suggested_filename.endswith(".csv")


def test_rows_are_selected_and_run_again_by_keyboard_alone(page: Page, stack: Stack, words: dict[str, Any]) -> None:
    first, second = (stack.finished(stack.submit(stream(1), name=f"again {n}"))["id"] for n in (1, 2))
    page.reload()
    page.locator(f'tr[data-key="{second}"] a').focus()
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(f'input[value="{first}"]')).to_be_checked()
    page.get_by_role("button", name=words["rerun"]).press("Enter")
    page.get_by_role("button", name=words["rerun two"]).press("Enter")
    expect(page.locator(".selected li")).to_have_count(2)
    names = [item["name"] for item in stack.call("/api/tasks?limit=2").json()["items"]]
    assert names == ["again 2", "again 1"]


def test_the_list_fits_a_phone(open_page: Callable[..., Page], stack: Stack) -> None:
    stack.finished(stack.submit(stream(1), name="a rather long name of a job " * 4, queue="default"))
    page = open_page(viewport={"width": 390, "height": 800}, locale="zh-CN")
    log_in(page, stack)
    page.goto(f"/tasks?text={'long' * 40}&queue={'q' * 60}&last=24h")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto("/tasks?text=rather")
    page.locator("#rows tbody input").first.check()
    expect(page.locator("#bulk")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

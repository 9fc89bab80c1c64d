"""Whatever somebody writes shows as text on every page that shows it: markup, quotes, marks of direction, a hundred kilobytes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import stream
from tests.e2e.conftest import Watch, log_in
from tests.e2e.test_accessibility import PAGES
from tests.faults.flood import Flood
from tests.stack import Stack

MARKUP = "<script>alert(2)</script>"
# Turns round what follows it, up to the end of its line or of the element that keeps it in.
TURN = "\u202e"
EVIL = f"\"'`><img src=x onerror=alert(1)>{MARKUP}{{{{7*7}}}}&lt;b&gt;%s{TURN}"
LONG = EVIL * (100_000 // len(EVIL))

# Milliseconds in which scripts have drawn what they draw; the page of a task that waits never stops asking.
SETTLED = 700

# Texts that turn round what stands beside them in the same line; fields and what is hidden show nothing beside.
LEAKS = """turn => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const leaks = [];
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (!text.data.includes(turn) || !text.parentElement.checkVisibility()) continue;
    let kept = text.parentElement;
    const inlined = () => getComputedStyle(kept).display === 'inline' && !getComputedStyle(kept).unicodeBidi.includes('isolate');
    while (inlined()) kept = kept.parentElement;
    const rest = document.createRange();
    rest.setStartAfter(text);
    rest.setEndAfter(kept.lastChild);
    const inline = getComputedStyle(kept).display === 'inline';
    const beside = [...rest.cloneContents().childNodes].filter((node) => node.textContent.trim());
    if (!inline && beside.length > 0) leaks.push(kept.outerHTML.slice(0, 300));
  }
  return leaks;
}"""


@pytest.fixture(scope="module")
def flood(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flood]:
    flood = Flood(tmp_path_factory.mktemp("hostile"))
    with flood.running():
        yield flood


@pytest.fixture
def stack(flood: Flood) -> Stack:
    return flood.stack


@pytest.fixture
def tasks(flood: Flood, tmp_path: Path) -> list[str]:
    """A run that fails with a hostile error and log, one whose document and parameters are hostile, a hostile check, and one that waits."""
    (tmp_path / "evil").write_text(EVIL + "\n" + LONG + "\n\x1b[31m" + EVIL + "\n\tat " + EVIL)
    flood.prints(f"""
        evil = open({str(tmp_path / "evil")!r}, "rb").read()
        out(b"2026-01-01 00:00:00.000 [job-0] ERROR JobContainer - " + evil + b"\\n")
        out(b"com.alibaba.datax.common.exception.DataXException: Code:[Framework-14], Description:[" + evil + b"]. - " + evil)
        sys.exit(1)
    """)
    failed = flood.submit(name=EVIL, params={"a": EVIL, "b": LONG}, exclusive=EVIL)
    flood.stack.finished(failed)
    job = json.dumps(
        {"job": {"content": [{"reader": {"name": EVIL}, "writer": {"name": "streamwriter", EVIL: LONG}}], EVIL: 1}}
    )
    check = flood.stack.submit(job, type="validate", name=EVIL)
    flood.stack.finished(check)
    held = flood.stack.submit(stream(1), name=EVIL, queue="nobody-serves-it")
    flood.stack.call(
        "/api/datasources", {"name": "evil", "type": "mysql", "description": EVIL, "parameter": {"username": EVIL}}
    )
    flood.stack.call("/api/tokens", {"name": EVIL[:60]})
    return [failed, check, held]


@pytest.mark.parametrize(("locale", "width"), [("en-GB", 1200), ("zh-CN", 360)])
def test_nothing_that_somebody_wrote_is_more_than_text(
    open_page: Callable[..., Page], stack: Stack, watch: Watch, tasks: list[str], locale: str, width: int
) -> None:
    page = open_page(locale=locale, viewport={"width": width, "height": 800})
    page.on("dialog", lambda dialog: watch.complaints.append(f"dialog: {dialog.message}"))
    log_in(page, stack)
    shown: list[str] = []
    wrong: dict[str, Any] = {}
    paths = [
        *PAGES,
        *(f"/tasks/{task}" for task in tasks),
        f"/tasks/{tasks[0]}?attempt=1#log-L1",
        f"/tasks/new?edit={tasks[0]}",
    ]
    for path in [*paths, f"/tasks/new?edit={tasks[1]}", f"/tasks?outcome=failed&name={'%22%3E%3Cb%3E' * 9}"]:
        page.goto(path)
        page.wait_for_timeout(SETTLED)
        if found := complaints(page):
            wrong[path] = found
        if MARKUP in page.locator("body").inner_text():
            shown.append(path)
    assert not wrong
    assert {"/", "/tasks", *(f"/tasks/{task}" for task in tasks)} <= set(shown)


def complaints(page: Page) -> list[str]:
    found: list[str] = page.evaluate(LEAKS, TURN)
    if page.locator("img[src=x], b:not(nav b), script:not([src])").count():
        found.append("markup")
    if "49" in page.locator("h1").inner_text():
        found.append("template")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the window")
    return found


def test_selected_tasks_with_hostile_names_are_asked_about_as_text(page: Page, tasks: list[str]) -> None:
    page.goto("/tasks?queue=nobody-serves-it")
    page.check(f'input[value="{tasks[2]}"]')
    page.get_by_role("button", name="Cancel…").click()
    expect(page.locator(".selected")).to_contain_text(MARKUP)
    assert complaints(page) == []
    page.locator("form.answer button").click()
    expect(page.locator(".selected")).to_contain_text(MARKUP)
    assert complaints(page) == []


def test_a_log_line_of_a_hundred_kilobytes_is_found_and_shown_whole(page: Page, tasks: list[str]) -> None:
    page.goto(f"/tasks/{tasks[0]}")
    page.locator("#log-find input").fill("onerror=alert(1)")
    expect(page.locator("#log-find [role=status]")).to_contain_text("1 of ")
    expect(page.locator("#log pre")).to_contain_text(LONG)
    assert page.locator("#log img").count() == 0


def test_an_uploaded_files_name_is_text(page: Page, tmp_path: Path) -> None:
    name = f"'><img src=x onerror=alert(3)>{TURN}.json"
    (tmp_path / name).write_text(json.dumps({"job": {"content": [], EVIL: EVIL}}))
    page.goto("/tasks/new")
    page.set_input_files("#file", tmp_path / name)
    expect(page.locator("[name=name]")).to_have_value(name.removesuffix(".json"))
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#problems .problem").first).to_be_visible()
    assert complaints(page) == []

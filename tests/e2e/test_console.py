"""What people do in the pages, from the log-in to a result."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import stream
from tests.e2e.conftest import SECONDS, Watch, editor, log_in, selected, until, write
from tests.stack import Stack

STATUS = "#live-head .badge"
EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script>\u202e'


def slow(rows: int, per_second: int, text: str = "hello") -> dict[str, Any]:
    """Prints so many rows a second."""
    job = stream(rows)
    job["job"]["content"][0]["reader"]["parameter"]["column"] = [{"type": "string", "value": text}]
    job["job"]["setting"]["speed"]["record"] = per_second
    return {"core": {"transport": {"channel": {"speed": {"record": per_second}}}}, **job}


def fill(page: Page, job: Any) -> None:
    write(page, job if isinstance(job, str) else json.dumps(job, indent=2))


def test_an_example_goes_from_the_form_to_its_result_without_a_reload(page: Page) -> None:
    page.goto("/tasks/new")
    page.get_by_role("link", name="CSV file to SQLite table").click()
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url(re.compile(r"/tasks/[0-9a-f-]{36}$"))
    page.evaluate("window.loadedOnce = true")
    expect(page.locator(STATUS)).to_have_text("succeeded", timeout=60 * SECONDS)
    assert page.evaluate("window.loadedOnce")
    result = json.loads(page.locator("pre.result").inner_text())
    assert result["success"] is True and result["exit_code"] == 0
    expect(page.locator("#log pre")).to_contain_text("3000")
    assert page.locator(".figures dd").first.inner_text() == "3,000"


def test_a_file_is_uploaded_checked_mended_and_run(page: Page, watch: Watch, tmp_path: Path) -> None:
    wrong = json.dumps(stream(2), indent=2).replace("streamreader", "streamreadr")
    line = wrong[: wrong.index("streamreadr")].count("\n") + 1
    file = tmp_path / "两行 to the log.json"
    file.write_text(wrong)
    page.goto("/tasks/new")
    page.set_input_files("#file", file)
    expect(page.locator("#job")).to_have_value(wrong)
    assert page.input_value("[name=name]") == "两行 to the log"
    expect(editor(page)).to_be_visible()
    page.get_by_role("button", name="Check").click()
    place = page.locator("#problems .place").first
    expect(place).to_contain_text(f"line {line}, column")
    place.click()
    assert "streamreadr" in selected(page)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert")).to_contain_text("The document cannot run: 1 error.")
    watch.forgive("422")
    expect(page.locator("#job")).to_have_value(wrong)
    fill(page, wrong.replace("streamreadr", "streamreader"))
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#problems .error")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(page.locator(STATUS)).to_have_text("succeeded", timeout=60 * SECONDS)
    expect(page.locator("h1")).to_have_text("两行 to the log")


def test_each_place_of_the_document_gets_a_row_for_its_parameter(page: Page) -> None:
    page.goto("/tasks/new")
    fill(page, stream(1, path="${folder}", name="${day}"))
    names = page.locator("[name=param_name]")
    expect(names).to_have_count(2)
    assert [names.nth(0).input_value(), names.nth(1).input_value()] == ["folder", "day"]
    page.locator("[name=param_value]").nth(1).fill("2026-01-31")
    fill(page, stream(1))
    expect(names).to_have_count(1)
    assert names.input_value() == "day", "a value that was typed stays"


def test_a_log_follows_its_end_stops_when_scrolled_up_and_jumps_back(page: Page, stack: Stack) -> None:
    long = "x" * 100
    rows = 3 * 2048
    task = stack.submit(slow(rows, 2048, long))
    page.goto(f"/tasks/{task}")
    log, end = page.locator("#log"), page.locator("#log-end")
    expect(log.locator("pre")).to_contain_text(long, timeout=30 * SECONDS)
    until(page, AT_END)
    expect(page.locator("#log-note")).to_have_text("following")
    log.evaluate("box => box.scrollTop = 0")
    expect(end).to_be_visible()
    expect(page.locator(STATUS)).to_have_text("succeeded", timeout=60 * SECONDS)
    assert log.evaluate("box => box.scrollTop") == 0
    end.click()
    until(page, AT_END)
    expect(end).to_be_hidden()
    expect(page.locator("#log-note")).to_have_text("")
    expect(log.locator(".row").nth(-2)).to_contain_text("读写失败总数")
    assert log.locator(".row", has_text=long).count() > 300


AT_END = """() => {
  const box = document.getElementById("log");
  return box.scrollTop > 0 && box.scrollHeight - box.scrollTop - box.clientHeight < 24;
}"""


def test_a_long_log_is_brought_in_parts_as_somebody_scrolls_up(page: Page, stack: Stack) -> None:
    task = stack.submit(stream(6000))
    stack.finished(task)
    whole = stack.call(f"/api/tasks/{task}/log?limit=1048576").body.decode()
    page.goto(f"/tasks/{task}")
    text = page.locator("#log pre")
    expect(page.locator("#log .row").last).to_be_visible()
    assert whole.endswith(text.text_content() or "")
    assert 40_000 < len(text.text_content() or "") < 66_000
    page.locator("#log").evaluate("box => box.scrollTop = 0")
    expect(text).to_have_text(whole)
    assert page.locator("#log .no").last.get_attribute("data-line") == str(whole.count("\n"))


def test_a_log_is_downloaded_whole(page: Page, stack: Stack) -> None:
    task = stack.submit(stream(3))
    stack.finished(task)
    page.goto(f"/tasks/{task}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == f"{task}.log"
    assert Path(download.value.path()).read_bytes() == stack.call(f"/api/tasks/{task}/log").body


def test_a_running_task_is_cancelled_and_run_again(page: Page, stack: Stack) -> None:
    task = stack.submit(slow(100, 1), name="to be stopped")
    page.goto(f"/tasks/{task}")
    expect(page.locator(STATUS)).to_have_text("running", timeout=30 * SECONDS)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(STATUS)).to_have_text("cancelled", timeout=30 * SECONDS)
    expect(page.locator(".callout")).to_contain_text("Cancelled")
    page.get_by_role("button", name="Run again").click()
    page.wait_for_url(lambda url: "/tasks/" in url and task not in url)
    expect(page.locator("h1")).to_have_text("to be stopped")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(STATUS)).to_have_text("cancelled", timeout=30 * SECONDS)


def test_a_failed_task_says_why(page: Page, stack: Stack) -> None:
    job = stream(1)
    job["job"]["content"][0]["reader"] = {
        "name": "txtfilereader",
        "parameter": {"path": [f"{stack.var_dir.parent}/not-there.csv"], "column": ["*"], "fieldDelimiter": ","},
    }
    task = stack.submit(job)
    page.goto(f"/tasks/{task}")
    expect(page.locator(STATUS)).to_have_text("failed", timeout=60 * SECONDS)
    expect(page.locator(".callout.error")).to_contain_text("not-there.csv")
    assert json.loads(page.locator("pre.result").inner_text())["success"] is False


def test_a_check_lists_its_problems_and_leads_to_their_lines(page: Page) -> None:
    page.goto("/tasks/new")
    page.get_by_label("Only check the document").check()
    fill(page, json.dumps(stream(1), indent=2).replace("streamwriter", "streamwritr"))
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(STATUS)).to_have_text("invalid", timeout=30 * SECONDS)
    place = page.locator(".problems .place").first
    place.click()
    assert "streamwritr" in page.locator("li:target").inner_text()
    expect(page.locator("pre.result")).to_have_text("false")


def test_times_are_those_of_the_browsers_zone(page: Page, stack: Stack) -> None:
    task = stack.submit(stream(1))
    created = stack.call(f"/api/tasks/{task}").json()["created_at"]
    page.goto(f"/tasks/{task}")
    time = page.locator("#live-head time").first
    expect(time).to_have_attribute("datetime", created)
    expect(time).to_have_attribute("title", f"{created[:10]} {created[11:19]} UTC")
    hour = (int(created[11:13]) + 8) % 24
    expect(time).to_contain_text(f" {hour:02}:{created[14:19]}")


def test_everything_works_from_the_keyboard(open_page: Callable[..., Page], stack: Stack) -> None:
    page = open_page()
    log_in(page, stack)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.goto("/tasks/new?example=hello")
    for _ in range(60):
        page.keyboard.press("Escape")  # in the editor alone, Tab does not leave without it
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "submit":
            break
        outline = page.evaluate(
            "getComputedStyle(document.activeElement.closest('.file') ?? document.activeElement).outlineStyle"
        )
        assert outline != "none"
    page.keyboard.press("Enter")
    expect(page.locator(STATUS)).to_have_text("succeeded", timeout=30 * SECONDS)


def test_the_session_ends_and_the_page_comes_back_after_the_log_in(page: Page, stack: Stack, watch: Watch) -> None:
    task = stack.submit(slow(60, 1))
    page.goto(f"/tasks/{task}")
    page.context.clear_cookies()
    page.wait_for_url(re.compile(r"/login\?next="), timeout=30 * SECONDS)
    page.fill("[name=username]", stack.username)
    page.fill("[name=password]", stack.password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"/tasks/{task}")
    stack.call(f"/api/tasks/{task}/cancel", method="POST")
    watch.complaints[:] = [complaint for complaint in watch.complaints if "401" not in complaint]


def test_nothing_that_users_wrote_ever_runs(page: Page, stack: Stack, watch: Watch, tmp_path: Path) -> None:
    page.on("dialog", lambda dialog: watch.complaints.append(f"dialog: {dialog.message}"))
    job = stream(1)
    job["job"]["content"][0]["reader"]["parameter"]["column"] = [{"type": "string", "value": EVIL}]
    task = stack.submit(job, name=EVIL, params={EVIL: EVIL})
    stack.finished(task)
    for path in ("/tasks", f"/tasks/{task}"):
        page.goto(path)
        expect(page.locator("main")).to_contain_text("<script>alert(2)</script>")
    expect(page.locator("#log pre")).to_contain_text(EVIL)
    file = tmp_path / "'<img src=x onerror=alert(3)>.json"
    file.write_text(json.dumps({"job": {"content": [{"reader": {"name": EVIL}, "writer": {"name": EVIL}}], EVIL: 1}}))
    page.goto("/tasks/new")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#problems")).to_contain_text("<script>alert(2)</script>")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#problems [role=alert]")).to_be_visible()
    expect(page.locator("#problems")).to_contain_text("<script>alert(2)</script>")
    watch.forgive("422")
    assert page.locator("img[src=x]").count() == 0


def test_an_inline_script_would_be_refused(page: Page, watch: Watch) -> None:
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    assert page.evaluate("window.ran") is None
    watch.forgive("Content Security Policy")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("locale", "home"), [("en-GB", "Home"), ("zh-CN", "首页")])
@pytest.mark.parametrize("width", [360, 1200])
def test_every_page_fits_in_both_languages_and_themes(
    open_page: Callable[..., Page], stack: Stack, locale: str, home: str, width: int, scheme: str
) -> None:
    long = stack.submit(stream(1), name="w" * 200)
    stack.finished(long)
    page = open_page(locale=locale, color_scheme=scheme, viewport={"width": width, "height": 800})
    page.goto("/login")
    assert fits(page)
    log_in(page, stack)
    expect(page.locator("h1")).to_have_text(home)
    for path in (
        "/tasks",
        "/",
        "/tasks?name=none",
        f"/tasks/{long}",
        "/tasks/new",
        "/tasks/new?example=orders",
        "/api/docs",
    ):
        page.goto(path)
        assert fits(page), path
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (int(re.findall(r"\d+", ground)[0]) < 128) == (scheme == "dark")


def fits(page: Page) -> bool:
    """Nothing is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_the_language_is_switched_in_the_page_and_stays(page: Page) -> None:
    page.goto("/tasks/new")
    page.get_by_role("button", name="中文").click()
    page.wait_for_url("/tasks/new")
    expect(page.locator("h1")).to_have_text("新建任务")
    page.goto("/tasks")
    expect(page.locator("h1")).to_have_text("任务")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Tasks")


def test_the_lines_to_get_the_result_are_copied(page: Page, stack: Stack) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    task = stack.submit(stream(1))
    stack.finished(task)
    page.goto(f"/tasks/{task}")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert f"{stack.url}/api/tasks/{task}/result?wait=30" in page.evaluate("navigator.clipboard.readText()")


def test_the_pages_work_without_scripts(open_page: Callable[..., Page], stack: Stack) -> None:
    page = open_page(java_script_enabled=False)
    log_in(page, stack)
    page.goto("/tasks/new?example=hello")
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url(re.compile(r"/tasks/[0-9a-f-]{36}$"))
    expect(page.locator(STATUS)).to_have_text("succeeded", timeout=60 * SECONDS)
    expect(page.locator("#log pre")).to_contain_text("hello DataX")

"""The log on the page of a task: any part of a long one, and when it begins anew or grows faster than a page can follow."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SECONDS, log_in, until
from tests.faults.flood import Flood
from tests.stack import Stack

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def flood(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flood]:
    flood = Flood(tmp_path_factory.mktemp("log page"), LOG_MAX_BYTES="4MiB")
    with flood.running():
        yield flood


@pytest.fixture
def stack(flood: Flood) -> Stack:
    return flood.stack


def test_the_log_begins_anew_with_the_next_attempt(page: Page, flood: Flood, tmp_path: Path) -> None:
    flood.prints(f"""
        path = {str(tmp_path / "second")!r}
        if os.path.exists(path):
            out(b"this is the second run\\n")
            sys.exit(0)
        open(path, "w").close()
        out(b"this is the first run\\n" * 100)
        time.sleep(2)
        sys.exit(1)
    """)
    task = flood.submit(retries=1)
    page.goto(f"/tasks/{task}")
    log = page.locator("#log pre")
    expect(log).to_contain_text("this is the first run")
    expect(log).to_contain_text("this is the second run", timeout=40 * SECONDS)
    expect(log).not_to_contain_text("this is the first run")


def test_a_page_keeps_up_with_a_flood_and_shows_what_came_before(page: Page, flood: Flood) -> None:
    flood.prints(f"""
        block = b"2026-01-01 00:00:00.000 [job-0] INFO  a line like any other\\n" * 1000
        out(b"the first line\\n")
        for _ in range({60 * MIB} // len(block)):
            out(block)
        out(b"the very last line\\n")
    """)
    task = flood.submit()
    page.goto(f"/tasks/{task}")
    log = page.locator("#log pre")
    expect(log).to_contain_text("the very last line", timeout=60 * SECONDS)
    shown = len(log.text_content() or "")
    assert shown < 2 * MIB

    # The middle of such a log is not kept: scrolling up leads over the place where it was.
    for _ in range(60):
        if "left out here" in (log.text_content() or ""):
            break
        page.locator("#log").evaluate("box => box.scrollTop = 0")
        page.wait_for_timeout(100)
    assert (log.text_content() or "").count("left out here") == 1
    assert page.evaluate(NUMBER_BEHIND_NOTICE) > 400_000, "lines keep their numbers"
    page.locator("#log").press("Home")
    expect(log).to_contain_text("the first line", timeout=60 * SECONDS)
    page.locator("#log").press("End")
    expect(log).to_contain_text("the very last line", timeout=60 * SECONDS)


NUMBER_BEHIND_NOTICE = """() => {
  const rows = [...document.querySelectorAll('#log .row')];
  const notice = rows.findIndex((row) => row.textContent.includes('left out here'));
  return Number(rows[notice + 1].querySelector('a')?.dataset.line ?? rows[notice + 2].querySelector('a').dataset.line);
}"""
LONG = """
    block = b"".join(b"2026-01-01 00:00:00.000 [job-0] INFO  number %d of a block\\n" % n for n in range(1000))
    for n in range(60):
        out(block)
        if n == 30:
            out(b"2026-01-01 00:00:00.000 [job-0] ERROR JobContainer - the \\x1b[32mneedle\\x1b[0m\\n\\tat some.Class(File.java:3)\\n")
            out(b"2026-01-01 00:00:00.000 [job-0] WARN  careful\\n")
    out(b"the very last line\\n")
"""


@pytest.fixture(scope="module")
def long_task(flood: Flood) -> str:
    """One whose log has 60,004 lines of which the 31,001st tells of an error."""
    flood.prints(LONG)
    task = flood.submit()
    flood.stack.finished(task)
    return task


WORDS = {
    "en-US": ("First error", "Next place", "not found", "1 of 60", "2 of 60"),
    "zh-CN": ("第一个错误", "下一处", "未找到", "第 1 处，共 60 处", "第 2 处，共 60 处"),
}


@pytest.mark.parametrize("locale", WORDS)
def test_the_whole_log_is_searched_and_each_place_has_an_address(
    open_page: Callable[..., Page], stack: Stack, long_task: str, locale: str
) -> None:
    error, following, none, first, second = WORDS[locale]
    page = open_page(locale=locale)
    log_in(page, stack)
    page.goto(f"/tasks/{long_task}")
    said, marked = page.locator("#log-find [role=status]"), page.locator("#log .row.marked")
    expect(page.locator("#log .row").last).to_be_visible()

    page.get_by_role("button", name=error).click()
    expect(marked).to_contain_text("the needle")
    expect(marked).to_be_in_viewport()
    assert page.url.endswith("#log-L31001")

    field = page.locator("#log-find input")
    field.fill("Number 777 of")
    expect(said).to_have_text(first)
    expect(marked).to_contain_text("number 777 of")
    assert page.url.endswith("#log-L778")
    assert page.evaluate("CSS.highlights.get('log-found').size") >= 1
    field.press("Enter")
    expect(said).to_have_text(second)
    assert page.url.endswith("#log-L1778")
    field.press("Shift+Enter")
    expect(said).to_have_text(first)
    page.get_by_role("button", name=following).click()
    expect(said).to_have_text(second)
    field.fill("nowhere to be found")
    expect(said).to_have_text(none)
    field.press("Escape")
    expect(said).to_have_text("")


def test_an_address_with_a_line_leads_there_and_a_number_gives_such_an_address(page: Page, long_task: str) -> None:
    page.goto(f"/tasks/{long_task}#log-L31002")
    marked = page.locator("#log .row.marked")
    expect(marked).to_contain_text("at some.Class")
    expect(marked).to_be_in_viewport()
    page.locator('#log a[data-line="31003"]').click()
    expect(marked).to_contain_text("WARN  careful")
    assert page.url.endswith("#log-L31003")
    page.goto(f"/tasks/{long_task}#log-L999999")
    expect(page.locator("#log .row").last).to_contain_text("the very last line")


def test_levels_and_the_programs_own_colours_are_seen(page: Page, long_task: str) -> None:
    page.goto(f"/tasks/{long_task}#log-L31001")
    expect(page.locator("#log .row.error")).to_contain_text("ERROR JobContainer - the needle")
    expect(page.locator("#log .row.error .ansi-text-green")).to_have_text("needle")
    expect(page.locator("#log .row.trace")).to_contain_text("at some.Class")
    expect(page.locator("#log .row.warn")).to_contain_text("careful")
    copied = page.evaluate(
        """() => {
          const row = document.querySelector('#log .row.error');
          getSelection().setBaseAndExtent(row, 0, row.nextSibling.nextSibling, 2);
          return getSelection().toString();
        }"""
    )
    assert copied.rstrip("\n").split("\n") == [
        "2026-01-01 00:00:00.000 [job-0] ERROR JobContainer - the needle",
        "\tat some.Class(File.java:3)",
        "2026-01-01 00:00:00.000 [job-0] WARN  careful",
    ], "neither numbers nor empty lines come along"


def test_what_is_read_stays_in_its_place_while_earlier_lines_come(page: Page, long_task: str) -> None:
    page.goto(f"/tasks/{long_task}#log-L31001")
    expect(page.locator("#log .row.marked")).to_be_in_viewport()
    count = "document.querySelectorAll('#log .row').length"
    for _ in range(4):
        rows = page.evaluate(count)
        number = page.locator("#log .no").first.get_attribute("data-line")
        row = page.locator(f'#log a[data-line="{number}"]')
        page.locator("#log").evaluate("box => box.scrollTop = 300")
        place = row.bounding_box()
        until(page, f"{count} > {rows}")
        moved = row.bounding_box()
        assert place and moved and abs(place["y"] - moved["y"]) < 2


def test_the_log_of_each_attempt_is_shown_and_has_its_own_addresses(page: Page, flood: Flood, tmp_path: Path) -> None:
    flood.prints(f"""
        path = {str(tmp_path / "second")!r}
        again = os.path.exists(path)
        open(path, "w").close()
        out(b"this is the second run\\n" if again else b"this is the first run\\n")
        sys.exit(0 if again else 1)
    """)
    task = flood.submit(retries=1)
    flood.stack.finished(task)
    page.goto(f"/tasks/{task}")
    expect(page.locator("#log pre")).to_contain_text("this is the second run")
    page.locator(".attempts tbody tr").first.get_by_role("link", name="Show").click()
    page.wait_for_url(f"/tasks/{task}?attempt=1#log-title")
    expect(page.locator("#log pre")).to_contain_text("this is the first run")
    page.locator('#log a[data-line="1"]').click()
    page.wait_for_url(f"/tasks/{task}?attempt=1#log-L1")
    with page.expect_download() as download:
        page.locator("#log-title ~ a", has_text="Download").click()
    assert "first run" in Path(download.value.path()).read_text()
    page.get_by_role("link", name="show the latest").click()
    expect(page.locator("#log pre")).to_contain_text("this is the second run")


def test_a_log_of_one_endless_line_is_shown_whole(page: Page, flood: Flood) -> None:
    opened = flood.stack.var_dir / "opened"
    flood.prints(f"""
        while not os.path.exists({str(opened)!r}):
            time.sleep(0.05)
        for n in range(60):
            out(b"%05d" % n * 1000)
        out(b"\\nnext\\r\\n")
        time.sleep(3)
        out(b"half")
        time.sleep(1.5)
        out(b" and whole\\n")
    """)
    task = flood.submit()
    page.goto(f"/tasks/{task}")
    opened.touch()
    log = page.locator("#log pre")
    expect(log).to_contain_text("half and whole", timeout=30 * SECONDS)
    whole = "".join(f"{n:05}" * 1000 for n in range(60)) + "\nnext\nhalf and whole\n"
    assert (log.text_content() or "").startswith(whole)
    assert page.locator("#log .row", has_text="half").count() == 1
    assert page.locator("#log .row", has_text="half").locator("a").get_attribute("data-line") == "3"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

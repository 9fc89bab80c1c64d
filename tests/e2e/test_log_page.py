"""The log on the page of a task, when it does what logs seldom do: begin anew, or grow faster than a page can follow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SECONDS
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
    assert shown < 6 * MIB

    earlier = page.locator("#log-earlier")
    for _ in range(100):
        if not earlier.is_visible() or "left out here" in (log.text_content() or ""):
            break
        before = len(log.text_content() or "")
        earlier.click()
        page.wait_for_function(f"() => document.querySelector('#log pre').textContent.length > {before}")
    text = log.text_content() or ""
    assert text.count("left out here") == 1 and text.endswith("the very last line\n")

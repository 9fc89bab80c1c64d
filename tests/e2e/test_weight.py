"""What a first visit of each page brings over the wire: as much as a slow line is done with soon."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import stream
from tests.e2e.conftest import editor, log_in
from tests.e2e.test_accessibility import PAGES
from tests.e2e.test_new_task import TRANSFER_BYTES, transfers
from tests.stack import Stack

WITHOUT_EDITOR = 200_000
# Pages on which a document is written.
EDITORS = ("/tasks/new", "/jobs/new", "/jobs/new/typed")


@pytest.fixture
def task(stack: Stack) -> str:
    """One with a log that is longer than its page brings along."""
    task = stack.submit(stream(3000), name="heavy")
    stack.finished(task)
    return task


def test_each_page_is_light_for_who_has_never_been_here(
    open_page: Callable[..., Page], stack: Stack, task: str
) -> None:
    page = open_page()
    log_in(page, stack)
    devtools = page.context.new_cdp_session(page)
    sizes = transfers(devtools)
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    heavy = {}
    for path in [*PAGES, f"/tasks/{task}", "/tasks?state=SUCCESS"]:
        sizes.clear()
        page.goto(path)
        page.wait_for_load_state("networkidle")
        limit = TRANSFER_BYTES if path in EDITORS else WITHOUT_EDITOR
        print(f"{path}: {sum(sizes):,.0f} bytes in {len(sizes)} answers")
        if not 10_000 < sum(sizes) <= limit:
            heavy[path] = sum(sizes)
    assert not heavy


def test_who_comes_again_gets_no_script_and_no_sheet_again(open_page: Callable[..., Page], stack: Stack) -> None:
    page = open_page()
    log_in(page, stack)
    count = """() => performance.getEntriesByType("resource")
        .filter(({name, transferSize}) => name.includes("/static/") && transferSize > 0).length"""
    fetched = []
    for _ in range(2):
        page.goto("/tasks/new")
        expect(editor(page)).to_be_visible()
        fetched.append(page.evaluate(count))
    assert fetched[0] > 10 and fetched[1] == 0

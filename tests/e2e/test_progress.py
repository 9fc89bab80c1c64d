"""How a run goes over time on its page: a chart, its sentence and its table, and which side keeps the other waiting."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SECONDS
from tests.faults.flood import Flood
from tests.stack import Stack


@pytest.fixture(scope="module")
def flood(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flood]:
    flood = Flood(tmp_path_factory.mktemp("progress page"))
    with flood.running():
        yield flood


@pytest.fixture
def stack(flood: Flood) -> Stack:
    return flood.stack


def test_a_run_is_drawn_while_it_goes_on_and_its_bottleneck_is_named(page: Page, flood: Flood) -> None:
    flood.prints("""
        out(b"INFO  TaskGroupContainer - taskGroupId=[0] start [1] channels for [1] tasks.\\n")
        for n in range(1, 10):
            time.sleep(1.2)
            out((f"Total {n * 1000} records, {n * 50000} bytes | Speed 48.83KB/s, 1000 records/s | Error 0 records, 0 bytes |  "
                 f"All Task WaitWriterTime {n * 0.9:.3f}s |  All Task WaitReaderTime 0.010s | Percentage 0.00%\\n").encode())
    """)
    task = flood.submit()
    page.goto(f"/tasks/{task}")
    expect(page.locator("#course canvas")).to_be_visible(timeout=30 * SECONDS)
    expect(page.locator("#course-sentence")).to_contain_text("The writer is the bottleneck", timeout=30 * SECONDS)
    expect(page.locator("#course-hint")).to_contain_text("batchSize")
    expect(page.locator("#course-said")).to_contain_text("rows a second")
    page.locator("#course summary").click()
    expect(page.locator("#course-body tr").first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_run_that_is_over_at_once_leaves_no_empty_chart(page: Page, flood: Flood) -> None:
    flood.prints("time.sleep(4)")
    task = flood.submit()
    page.goto(f"/tasks/{task}")
    expect(page.locator("#course")).to_be_visible()
    expect(page.locator("#course")).to_be_hidden(timeout=30 * SECONDS)

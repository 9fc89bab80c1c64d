"""The pure parts of a task's page, one table of cases each, run by a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import log_in
from tests.stack import Stack
from webapp.logs import places

STYLED = "line => import('/static/js/ansi.js').then(({ styled }) => styled(line).map(({ text, classes }) => [text, classes]))"
LEVEL = "line => import('/static/js/levels.js').then(({ level }) => level(line))"
PIECES = """texts => import('/static/js/pieces.js').then(({ Pieces }) => {
  const pre = document.createElement('pre');
  const pieces = new Pieces(pre);
  pieces.restart(0);
  let at = 0;
  for (const text of texts) {
    const end = at + new TextEncoder().encode(text).length;
    pieces.append({ text, start: at, end });
    at = end;
  }
  const numbers = [...pre.querySelectorAll('.row')].map((row) => [row.querySelector('a')?.dataset.line ?? '', row.textContent]);
  return { text: pre.textContent, end: pieces.end, numbers };
})"""


@pytest.fixture(scope="module")
def parts(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A page from which our scripts can be imported."""
    context = browser.new_context(base_url=stack.url)
    page = context.new_page()
    log_in(page, stack)
    yield page
    context.close()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("plain", [["plain", ""]]),
        (
            "\x1b[31mred\x1b[0m and \x1b[1;42mmore",
            [["red", "ansi-text-red"], [" and ", ""], ["more", "ansi-bold ansi-ground-green"]],
        ),
        ("\x1b[91mx\x1b[39my\x1b[m", [["x", "ansi-text-red"], ["y", ""]]),
        ("\x1b[1mx\x1b[22my", [["x", "ansi-bold"], ["y", ""]]),
        ("\x1b[38;5;196mx\x1b[48;2;0;0;255my", [["x", "ansi-text-red"], ["y", "ansi-text-red ansi-ground-blue"]]),
        ("\x1b[38;5;2;1mx", [["x", "ansi-bold ansi-text-green"]]),
        ("a\x1b[2Kb\x1b[10;3Hc", [["a", ""], ["b", ""], ["c", ""]]),
        ("\x1b]0;title\x07x\x1b]8;;http://evil\x1b\\link", [["x", ""], ["link", ""]]),
        ("\x1b[31", [["[31", ""]]),
        ("\x1b[31m<script>", [["<script>", "ansi-text-red"]]),
        ("\x1b[38;5m\x1b[38mx\x1b[999mz", [["x", ""], ["z", ""]]),
    ],
)
def test_colours_become_names_and_other_sequences_nothing(parts: Page, line: str, expected: Any) -> None:
    shown: list[list[str]] = []
    for text, classes in parts.evaluate(STYLED, line):
        shown.append([text, classes])
    assert shown == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-01-01 00:00:00.000 [job-0] ERROR JobContainer - it failed", "error"),
        ("2026-01-01 00:00:00.000 [job-0] INFO  JobContainer - fine", ""),
        ("2026-01-01 00:00:00.000 [job-0] WARN  x", "warn"),
        ("2026-01-01 00:00:00.000 [job-0] DEBUG x", "debug"),
        ("SEVERE: x", "error"),
        ("Caused by: java.sql.SQLException: no", "error"),
        ("Traceback (most recent call last):", "error"),
        ("\tat java.lang.Thread.run(Thread.java:1)", "trace"),
        ('  File "x.py", line 3, in <module>', "trace"),
        ("2026-01-01 00:00:00.000 [job-0] INFO  JobContainer - " + "x" * 90 + " ERROR", ""),
        ("Total 3 records, 61 bytes | Speed 0B/s | Error 0 records, 0 bytes", ""),
        ('"errorLimit": {"record": 0}', ""),
        ("ERRORS of others", ""),
        ("x ERROR_LIMIT", ""),
    ],
)
def test_the_page_and_the_servers_search_agree_on_what_is_an_error(parts: Page, line: str, expected: str) -> None:
    assert parts.evaluate(LEVEL, line) == expected
    assert list(places.errors(line.encode())) != [] if expected == "error" else not list(places.errors(line.encode()))


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["a\nb\n", "c\n"], [["1", "a\n"], ["2", "b\n"], ["3", "c\n"]]),
        (["a\nb", "b", "b\nc"], [["1", "a\n"], ["2", "bbb\n"], ["3", "c"]]),
        (["数", "据\n", "\n", "😀"], [["1", "数据\n"], ["2", "\n"], ["3", "😀"]]),
        (["x" * 70_000, "y", "z\nnext\n"], [["1", "x" * 70_000], ["", "yz\n"], ["2", "next\n"]]),
    ],
)
def test_lines_are_numbered_however_they_come(parts: Page, texts: list[str], numbers: list[list[str]]) -> None:
    found = parts.evaluate(PIECES, texts)
    assert found["numbers"] == numbers
    assert found["text"] == "".join(texts) and found["end"] == len("".join(texts).encode())


RATES = """points => import('/static/js/rates.js').then(({ rates }) => rates(
  points.map(([seconds, records]) => ({ seconds, records, bytes: records }))).rows)"""


def test_a_speed_does_not_jump_where_reports_and_looks_fall_apart(parts: Page) -> None:
    # A thousand rows each second, of which a look sees none or two seconds' worth.
    uneven = [[second, 1000 * (second - second % 2)] for second in range(0, 40)]
    speeds = parts.evaluate(RATES, uneven)[8:]
    assert len(speeds) > 30 and max(speeds) < 1.25 * 1000 and min(speeds) > 0.75 * 1000
    assert parts.evaluate(RATES, [[0, 0], [10, 500], [20, 2500]]) == [50, 200]

"""A headless Chromium. Every page is watched: an error in its console or a request to another host fails the test."""

import os
import shutil
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect, sync_playwright

from tests.servers import missing
from tests.stack import Stack

# Besides starting without a screen: nothing that makes the browser itself talk to its maker.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS = 1000.0

# Machines that run tests are slow at times; what is there is seen at once all the same.
PATIENCE = 20 * SECONDS
expect.set_options(timeout=PATIENCE)


class Watch:
    """What went wrong in the pages of one test."""

    def __init__(self, stack: Stack) -> None:
        self._host = urlsplit(stack.url).netloc
        self.complaints: list[str] = []

    def follow(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("request", self._request)

    def forgive(self, part: str) -> None:
        """Take out the one complaint that a test expects: Chromium's console counts a refused form as an error."""
        expected = [complaint for complaint in self.complaints if part in complaint]
        assert len(expected) == 1, self.complaints
        self.complaints.remove(expected[0])

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).netloc != self._host:
            self.complaints.append(f"request to {request.url}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        raise missing("Chromium", "install it: apt install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def watch(stack: Stack) -> Iterator[Watch]:
    watch = Watch(stack)
    yield watch
    assert watch.complaints == []


@pytest.fixture
def open_page(browser: Browser, stack: Stack, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Open a page of a new visitor; the arguments are the browser context's."""
    contexts: list[BrowserContext] = []

    def open_page(**options: object) -> Page:
        given = {
            "locale": "en-US",
            "timezone_id": "Asia/Shanghai",
            "viewport": {"width": 1200, "height": 900},
            **options,
        }
        context = browser.new_context(base_url=stack.url, **given)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        watch.follow(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Page], stack: Stack) -> Page:
    """A signed-in person's page, at the list of tasks."""
    page = open_page()
    log_in(page, stack)
    return page


def log_in(page: Page, stack: Stack) -> None:
    page.goto("/")
    log_in_here(page, stack)
    page.wait_for_url("/")


def log_in_here(page: Page, stack: Stack) -> None:
    page.fill("[name=username]", stack.username)
    page.fill("[name=password]", stack.password)
    page.keyboard.press("Enter")


def until(page: Page, expression: str) -> None:
    """Waits for something in the page to be true. Asked from here: waiting in the page takes `eval`, which its policy forbids."""
    for _ in range(400):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {expression}")


def drafts(page: Page) -> list[str]:
    """What the tab keeps of what was typed, once the page's own scripts have seen to it."""
    page.wait_for_load_state()
    names: list[str] = page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft:'))")
    return names


def write(page: Page, text: str) -> None:
    """Puts a text in place of whatever the editor of a document holds, as one paste does."""
    editor(page).click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)


def editor(page: Page) -> Locator:
    """Where the document is typed."""
    return page.locator(".cm-content")


def selected(page: Page) -> str:
    """The lines that the editor's selection is in."""
    return "\n".join(page.locator(".cm-activeLine").all_inner_texts())

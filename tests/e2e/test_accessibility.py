"""axe-core over every page, in each language and theme, on a screen and on a phone: no serious issue, nothing wider than the window."""

import tempfile
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.conftest import stream
from tests.e2e.conftest import Watch, log_in
from tests.servers import missing
from tests.stack import Stack
from webapp import create_app
from webapp.config import ROOT, load

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# Parts of pages, which their pages ask for, and what is no page.
NO_PAGES = ("/api/", "/static/", "/healthz", "/readyz", "/oidc", "/live", "/tasks/rows", "/tasks/news")
SERIOUS = {"serious", "critical"}


def pages() -> list[str]:
    """Every address that a browser can open without a name or a number in it: a new page is looked at too."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load({"VAR_DIR": folder}))
    rules = (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments)
    return sorted(rule.rule for rule in rules if not rule.rule.startswith(NO_PAGES) and "/export." not in rule.rule) + [
        "/api/docs"
    ]


PAGES = pages()


def serious(page: Page) -> list[str]:
    """What axe complains of, with the place."""
    if not AXE.exists():
        raise missing("axe-core", "make frontend/node_modules/.installed-dev")
    # Read by the browser's own channel, not put into the page: the page's policy refuses scripts of elsewhere.
    page.evaluate(AXE.read_text() + "\n;0")
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"][:3]
    ]


@pytest.mark.parametrize(("locale", "scheme", "width"), [("en-GB", "light", 1200), ("zh-CN", "dark", 390)])
def test_no_page_keeps_anybody_out(
    open_page: Callable[..., Page], stack: Stack, watch: Watch, locale: str, scheme: str, width: int
) -> None:
    failed = stack.submit(stream(1, path=str(stack.var_dir.parent / "no" / "such")), name="fails")
    stack.finished(failed)
    job = stack.call("/api/jobs", {"name": f"seen {locale}", "job": stream(1), "tags": ["a"]}).json()["links"]["self"]
    stack.call(job, {"job": stream(2), "description": "d"}, method="PATCH", headers={"If-Match": "*"})
    stack.finished(stack.call(f"{job}/run", {}).json()["id"])
    job = job.removeprefix("/api")
    jobs = [f"{job}{path}" for path in ("", "/edit", "/run", "/delete", "/versions", "/versions/1", "/diff")]
    page = open_page(locale=locale, color_scheme=scheme, viewport={"width": width, "height": 800})
    log_in(page, stack)
    complaints = {}
    for path in [*PAGES, *jobs, f"/tasks/{failed}", "/nowhere", "/tasks/new?example=orders"]:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        found = serious(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append("wider than the window")
        if found:
            complaints[path] = found
    watch.forgive("404")
    assert not complaints


def test_every_page_is_among_those_that_are_looked_at() -> None:
    assert {
        "/",
        "/tasks",
        "/tasks/new",
        "/jobs",
        "/jobs/new",
        "/jobs/import",
        "/workers",
        "/datasources",
        "/audit",
        "/accounts",
        "/login",
    } <= set(PAGES)

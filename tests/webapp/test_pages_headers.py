"""What every answer tells the browser, and that the pages keep to it."""

import gzip
import re
from pathlib import Path

import pytest

from tests.webapp.visitor import Visitor
from webapp.config import ROOT

STATIC = ROOT / "webapp" / "static"
# What is bundled from elsewhere is kept to the policy by the browser, which the tests in one watch.
OURS = sorted(path for path in STATIC.rglob("*.*") if path.is_file() and STATIC / "dist" not in path.parents)
TEMPLATES = sorted((ROOT / "webapp" / "templates").rglob("*.html"))


@pytest.mark.parametrize(
    "path", ["/", "/login", "/nowhere", "/api/docs", "/api/tasks", "/static/css/page.css", "/healthz"]
)
def test_every_answer_carries_the_policy(visitor: Visitor, path: str) -> None:
    headers = visitor.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_inline_script_or_style_or_another_host(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "http://" not in text and "https://" not in text and "safe }}" not in text


@pytest.mark.parametrize("file", [path for path in OURS if path.suffix in {".js", ".css"}], ids=lambda path: path.name)
def test_no_script_or_sheet_names_another_host_or_writes_markup(file: Path) -> None:
    text = file.read_text()
    assert not re.search(r"https?://|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)


def test_all_our_scripts_and_sheets_together_are_small() -> None:
    assert sum(len(gzip.compress(path.read_bytes())) for path in OURS) < 150_000


def test_the_contract_page_names_every_call_and_every_shape(visitor: Visitor) -> None:
    spec = visitor.get("/api/openapi.json").json
    page = visitor.get("/api/docs").text
    ids = set(re.findall(r'id="([^"]+)"', page))
    for path, calls in spec["paths"].items():
        assert f"<code>{path}</code>" in page
        assert {call["operationId"] for call in calls.values()} <= ids
    assert {f"schema-{name}" for name in spec["components"]["schemas"]} <= ids
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= ids | {"main"}

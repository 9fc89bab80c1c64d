"""Scripts and sheets are asked for once, and a page names the scripts that its own need."""

import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from flask import Flask, url_for

from tests.webapp.visitor import Visitor
from webapp import assets

ONCE = "public, max-age=31536000, immutable"


def named(app: Flask, filename: str) -> str:
    with app.test_request_context():
        return url_for("static", filename=filename)


def test_what_a_page_asks_for_is_kept_for_good(app: Flask, visitor: Visitor) -> None:
    page = visitor.get("/tasks").text
    asked = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(asked) > 15
    for path in asked:
        assert visitor.get(path).headers["Cache-Control"] == ONCE, path


@pytest.mark.parametrize("version", ["", "0123456789abcdef/"])
def test_a_file_of_no_version_or_of_another_release_is_asked_about_at_each_use(visitor: Visitor, version: str) -> None:
    answer = visitor.get(f"/static/{version}css/page.css")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-cache"
    again = visitor.get(f"/static/{version}css/page.css", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_file_that_is_not_there_is_not_kept(app: Flask, visitor: Visitor) -> None:
    answer = visitor.get(named(app, "css/nothing.css"))
    assert answer.status_code == 404 and "max-age" not in answer.headers.get("Cache-Control", "")


@pytest.mark.parametrize("name", ["../config.py", "..%2fconfig.py", "%2e%2e/config.py", "/etc/passwd", ".."])
def test_nothing_beside_the_folder_is_sent(app: Flask, visitor: Visitor, name: str) -> None:
    assert visitor.get(named(app, "") + name).status_code == 404


def test_another_content_has_another_address(tmp_path: Path) -> None:
    def address() -> str:
        assets._digest.cache_clear()
        return assets._digest(tmp_path)

    (tmp_path / "one.js").write_text("1")
    first = address()
    (tmp_path / "two.js").write_text("2")
    second = address()
    (tmp_path / "two.js").rename(tmp_path / "three.js")
    third = address()
    (tmp_path / "three.js").write_text("3")
    assert len({first, second, third, address()}) == 4
    assets._digest.cache_clear()


def test_who_works_on_the_files_has_them_as_they_are(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert named(app, "css/page.css") != "/static/css/page.css"
    monkeypatch.setattr(app, "debug", True)
    assert named(app, "css/page.css") == "/static/css/page.css"


@pytest.mark.parametrize(("path", "later"), [("/tasks", False), ("/tasks/new", True), ("/jobs/new", True)])
def test_a_page_names_every_module_that_its_scripts_need(visitor: Visitor, path: str, later: bool) -> None:
    """Walked as a browser walks them, from what the server sends."""
    page = visitor.get(path).text
    scripts = re.findall(r'<script type="module" src="([^"]+)"', page)
    preloaded = set(re.findall(r'<link rel="modulepreload" href="([^"]+)"', page))
    pattern = r'\b(?:from|import\(?)\s*"(\.[^"]+)"' if later else r'\b(?:from|import)\s*"(\.[^"]+)"'
    waiting, seen = list(scripts), set(scripts)
    while waiting:
        module = waiting.pop()
        for name in re.findall(pattern, visitor.get(module).text):
            if (found := urljoin(module, name)) not in seen:
                seen.add(found)
                waiting.append(found)
    assert len(seen) > len(scripts)
    assert preloaded - set(scripts) == seen - set(scripts)


def test_modules_that_import_each_other_are_followed_once(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nawait import("./c.js");\nimport "./missing.js";')
    (tmp_path / "b.js").write_text('import{a}from"./a.js";')
    (tmp_path / "c.js").write_text('import * as b from "./b.js";')
    assert assets._imported(tmp_path, "a.js", later=False) == ["b.js"]
    assert assets._imported(tmp_path, "a.js", later=True) == ["b.js", "c.js"]

"""Who may see the pages, and in which language."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from tests.webapp.visitor import Visitor, seen
from webapp.addresses import page_here
from webapp.config import ROOT
from webapp.language import LANGUAGES

PAGES = ("/", "/live", "/tasks", "/tasks/new", "/tasks/rows", "/tasks/any", "/tasks/any/live", "/tasks/any/log.txt")


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_sent_to_the_log_in_and_comes_back(stranger: Visitor, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/login?next=")
    assert stranger.log_in(next=path).location == path


@pytest.mark.parametrize("path", ["/tasks/new", "/tasks/any/cancel", "/tasks/any/rerun", "/logout"])
def test_a_stranger_can_send_no_form(stranger: Visitor, path: str) -> None:
    assert stranger.post(path).location.startswith("/login")


@pytest.mark.parametrize(
    "path", ["/login", "/tasks/new", "/tasks/any/cancel", "/tasks/any/rerun", "/logout", "/language", "/theme"]
)
def test_a_form_without_its_token_is_refused(visitor: Visitor, path: str) -> None:
    answer = visitor.send("POST", path, data={"username": "admin", "password": "first-password"})
    assert answer.status_code == 400
    assert "expired" in answer.text


def test_a_wrong_password_is_told_and_the_name_is_kept(stranger: Visitor) -> None:
    answer = stranger.log_in(password="wrong")
    assert answer.status_code == 401
    assert "The name or the password is wrong." in answer.text
    assert 'value="admin"' in answer.text
    assert 'wrong"' not in answer.text


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "/\r\nX: y"]
)
def test_the_log_in_leads_to_no_other_site(stranger: Visitor, target: str) -> None:
    assert stranger.log_in(next=target).location == "/"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/"])
def test_the_language_switch_leads_to_no_other_site(visitor: Visitor, target: str) -> None:
    assert visitor.post("/language", {"language": "zh", "next": target}).location == "/"


def test_the_log_out_ends_the_session(visitor: Visitor) -> None:
    assert visitor.get("/").status_code == 200
    visitor.post("/logout")
    assert visitor.get("/").status_code == 302


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [("zh-CN,zh;q=0.9,en;q=0.8", "登录"), ("zh-TW", "登录"), ("en-GB", "Log in"), ("fr-FR", "Log in"), ("", "Log in")],
)
def test_the_browsers_language_comes_first(app: Flask, accepted: str, expected: str) -> None:
    assert f"<h1>{expected}</h1>" in Visitor(app, accepted).get("/login").text


def test_a_chosen_language_stays_through_log_in_and_log_out(stranger: Visitor) -> None:
    answer = stranger.post("/language", {"language": "zh", "next": "/login?next=/tasks/new"})
    assert answer.location == "/login?next=/tasks/new"
    stranger.log_in()
    assert "新建任务" in stranger.get("/tasks/new").text
    stranger.post("/logout")
    assert '<html lang="zh-CN"' in stranger.get("/login").text


def test_an_unknown_language_changes_nothing(stranger: Visitor) -> None:
    stranger.post("/language", {"language": "tlh"})
    assert '<html lang="en"' in stranger.get("/login").text


def test_every_sentence_of_the_pages_is_there_in_every_language() -> None:
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    keywords = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(ROOT / "webapp", methods, keywords=keywords)
    sentences = {message for _file, _line, message, _comments, _context in found}
    assert len(sentences) > 100
    for language in set(LANGUAGES) - {"en"}:
        catalogue = read(ROOT / "webapp" / "translations" / language / "LC_MESSAGES" / "messages.po")
        assert {
            m for m in sentences if not (catalogue.get(m[0] if isinstance(m, tuple) else m) or _Missing).string
        } == set()


def test_no_english_is_left_in_the_chinese_pages(app: Flask) -> None:
    visitor = Visitor(app, "zh-CN")
    visitor.log_in()
    for path in ("/", "/tasks/new", "/login", "/nowhere"):
        main = seen(visitor.get(path).text.partition("<main")[2])
        words = set(re.findall(r"\b[A-Z][a-z]{3,} [a-z]{3,}\b", main))
        assert words == set(), path


class _Missing:
    string = ""


def read(path: Path):  # type: ignore[no-untyped-def]
    with path.open("rb") as file:
        return read_po(file)


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/tasks/new", "/tasks/new"),
        ("/tasks/some-id/cancel", "/tasks/some-id"),
        ("/account/tokens", "/account"),
        ("/accounts/7/password", "/accounts"),
    ],
)
def test_the_answer_to_a_form_leads_to_a_page_that_can_be_opened(app: Flask, path: str, page: str) -> None:
    with app.test_request_context(path, method="POST"):
        assert page_here() == page
    location = urlsplit(Visitor(app).post(path).headers["Location"])
    assert location.path == "/login" and parse_qs(location.query) == {"next": [page], "ended": ["1"]}


def test_an_error_page_leads_back_to_where_one_was(visitor: Visitor) -> None:
    refused = visitor.post("/account/password", {"present": "wrong", "wanted": "x" * 20, "again": "x" * 20})
    assert refused.status_code >= 400 and 'href="/account">Back' in refused.text
    asked = visitor.get("/tasks?utm_source=x")
    assert asked.status_code == 422 and 'href="/tasks">To the plain page' in asked.text
    assert asked.text.count("utm_source") == 1

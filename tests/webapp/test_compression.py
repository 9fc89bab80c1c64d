"""What goes over the wire packed, and what does not."""

import gzip

import pytest

from tests.webapp.visitor import Visitor

PACKED = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize("path", ["/static/css/page.css", "/static/js/check.js", "/api/plugins"])
def test_scripts_sheets_and_the_catalogue_are_packed_for_who_asks(visitor: Visitor, path: str) -> None:
    plain, packed = visitor.get(path), visitor.get(path, headers=PACKED)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content_length == len(packed.data) < len(plain.data)
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.vary and "Accept-Encoding" in plain.vary


@pytest.mark.parametrize("path", ["/static/js/check.js", "/api/plugins"])
def test_what_has_not_changed_is_not_sent_again(visitor: Visitor, path: str) -> None:
    tag = visitor.get(path, headers=PACKED).headers["ETag"]
    assert tag.startswith("W/")
    again = visitor.get(path, headers={**PACKED, "If-None-Match": tag})
    assert again.status_code == 304 and again.data == b""


@pytest.mark.parametrize("path", ["/tasks", "/tasks/new", "/api/openapi.json"])
def test_pages_are_not_packed(visitor: Visitor, path: str) -> None:
    assert "Content-Encoding" not in visitor.get(path, headers=PACKED).headers


def test_a_small_file_is_left_as_it_is(visitor: Visitor) -> None:
    assert "Content-Encoding" not in visitor.get("/static/css/noscript.css", headers=PACKED).headers


def test_only_the_names_of_a_file_are_asked_for(visitor: Visitor) -> None:
    answer = visitor.send("HEAD", "/static/js/check.js", headers=PACKED)
    assert answer.status_code == 200 and answer.data == b"" and "Content-Encoding" not in answer.headers

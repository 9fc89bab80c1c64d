"""The editor's pure parts, one table of cases each, run by a real browser."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from datax_job import secrets
from tests.e2e.conftest import log_in
from tests.stack import Stack

CUT = """([text, parts, names]) => import('/static/js/secrets.js').then(({ Secrets }) => {
  const { text: rest, found, params } = new Secrets(parts, names).cut(text);
  return { rest, found, params: [...params] };
})"""
PLACES = "text => import('/static/js/strings.js').then(({ placesIn }) => [...placesIn(text, 50)])"
FORMAT = """text => Promise.all([import('/static/js/format.js'), import('/static/dist/editor.js')])
  .then(([{ formatted }, { job }]) => formatted(text, job().language.parser.parse(text)))"""


@pytest.fixture(scope="module")
def parts(browser: Browser, stack: Stack) -> Any:
    """A page from which our scripts can be imported."""
    context = browser.new_context(base_url=stack.url)
    page = context.new_page()
    log_in(page, stack)
    yield page
    context.close()


def cut(page: Page, text: str) -> Any:
    return page.evaluate(CUT, [text, list(secrets.PARTS), list(secrets.WHOLE)])


@pytest.mark.parametrize(
    "text",
    [
        '{"password": "canary"}',
        '{"password": "a\\"canary"}',
        "{'pwd' : 'canary'}",
        '{pwd: "canary", "accessKey" /* of ours */ : "canary"}',
        '{"Access-Key-Id": "canary"}',
        '{"parameter": {"deep": [{"token": "canary"}]}}',
        '{"credentials": {"user": "canary", "more": "canary"}}',
        '{"secret": ["canary", "canary"]}',
        '{"password": "canary',
        '{"url": "jdbc:mysql://u:canary@host/db?password=canary&a=b"}',
        '{"url": "jdbc:sqlserver://h;user=u;password=canary;x=y"}',
        '{"url": "jdbc:oracle:thin:u/canary@host:1521/x"}',
        '{"preSql": ["create user x identified by \'canary\'"]}',
        '// "password": "canary"',
    ],
)
def test_no_secret_is_left_in_a_draft(parts: Page, text: str) -> None:
    found = cut(parts, text)
    assert found["found"] and "canary" not in found["rest"]


@pytest.mark.parametrize(
    "text",
    [
        '{"password": "******"}',
        '{"password": "${password}"}',
        '{"password": "", "token": null, "secret": true}',
        '{"column": ["password", "token"]}',
        '{"url": "jdbc:mysql://u:${p}@h/d?password=******"}',
        '{"path": "C:\\\\x", "note": "值 \u202e </script>"}',
    ],
)
def test_what_hides_nothing_is_kept_as_it_is(parts: Page, text: str) -> None:
    found = cut(parts, text)
    assert found["rest"] == text and not found["found"]


def test_a_parameter_that_fills_a_secret_is_one(parts: Page) -> None:
    assert cut(parts, '{"password": "${p1}", "name": "${p2}"}')["params"] == ["p1"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{"a": "${x}/${y.z}", "b": "${x}"}', ["x", "y.z"]),
        ("{'a': '${日期}'}", ["日期"]),
        ('{"a": "\\"${x}"} // ${no}\n/* "${no}" */ "${y}"', ["x", "y"]),
        ('{"a": "http://${host}/*", "b": "*/ ${c}"}', ["host", "c"]),
        ('{"a": "\\\\"} // "${no}"', []),
        ('{"a": "${unfinished', []),
        ('{"a": "${x}', ["x"]),
        ('"${}" "${a\nb}" "$x" "${a${b}}"', ["b"]),
    ],
)
def test_places_are_found_in_strings_alone(parts: Page, text: str, names: list[str]) -> None:
    assert parts.evaluate(PLACES, text) == names


@pytest.mark.parametrize(
    ("text", "formatted"),
    [
        ('{"a":1}', '{"a": 1}\n'),
        ("[]", "[]\n"),
        ('{"a":{"b":[1,2,{}]}}', '{\n  "a": {\n    "b": [\n      1,\n      2,\n      {}\n    ]\n  }\n}\n'),
        ("{'a': 007, b: .5,}", "{'a': 007, b: .5,}\n"),
        ('// top\n{"a":1/*x*/}', '// top\n{\n  "a": 1 /*x*/\n}\n'),
        ('{"a":1 // one\n,"b":2}', None),
        ('\ufeff{"a":"x\ny"}', '{"a": "x\ny"}\n'),
        ('{"a": [}', None),
        ('{"a": ]}', None),
        ("{", None),
    ],
)
def test_a_document_is_formatted_without_a_change_of_its_words(parts: Page, text: str, formatted: str | None) -> None:
    found = parts.evaluate(FORMAT, text)
    if formatted is not None or found is None:
        assert found == formatted
    if found is not None:
        assert "".join(found.split()) == "".join(text.lstrip("\ufeff").split())
        assert parts.evaluate(FORMAT, found) == found

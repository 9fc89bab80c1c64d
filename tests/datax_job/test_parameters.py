"""Values for the `${name}` places of a document."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datax_job.document import parse
from datax_job.parameters import fill, missing, placeholders
from datax_job.problem import Severity

NAMES = st.text("abc_9日.", min_size=1, max_size=4)


def test_every_place_is_found_with_the_strings_that_hold_it() -> None:
    value = {"a": "${day}/${day}", "b": [{"c/d": "x ${day}"}, "${biz.date} ${日期}"], "e": 7, "f": "$day $ {day} ${}"}
    assert placeholders(value) == {"day": ["/a", "/b/0/c~1d"], "biz.date": ["/b/1"], "日期": ["/b/1"]}


@pytest.mark.parametrize(
    ("value", "text"),
    [("x", "x"), (7, "7"), (1.5, "1.5"), (True, "true"), (False, "false"), (None, "null"), ("", ""), ("中", "中")],
)
def test_a_value_is_written_as_json_writes_it_and_stays_text(value: Any, text: str) -> None:
    assert fill({"a": "${x}", "b": "<${x}>"}, {"x": value}) == {"a": text, "b": f"<{text}>"}


def test_a_value_cannot_get_out_of_its_string() -> None:
    attack = 'z","type":"string"},{"value":"inj'
    filled = fill(parse('{"column": [{"value": "${x}"}]}').value, {"x": attack})
    assert filled == {"column": [{"value": attack}]}


def test_what_was_filled_in_is_not_filled_again() -> None:
    assert fill({"a": "${x}${y}"}, {"x": "${y}", "y": "${x}"}) == {"a": "${y}${x}"}


def test_what_has_no_value_stays() -> None:
    assert fill({"a": "${x} ${y} $z ${"}, {"x": 1}) == {"a": "1 ${y} $z ${"}


def test_the_short_form_is_filled_where_a_value_is_given() -> None:
    assert fill({"a": "$day-$days", "b": "$1"}, {"day": "x"}) == {"a": "x-$days", "b": "$1"}


def test_a_dollar_in_a_password_is_a_dollar() -> None:
    value = {"password": "pa$day", "nested": {"secretKey": ["$day", "${day}"]}}
    assert fill(value, {"day": "x"}) == {"password": "pa$day", "nested": {"secretKey": ["$day", "x"]}}


def test_names_and_numbers_are_left_alone() -> None:
    value = {"${x}": 1, "n": 5, "t": True, "z": None}
    assert fill(value, {"x": "y"}) == value


def test_the_document_itself_is_not_changed() -> None:
    document = parse('{"a": ["${x}"]}')
    fill(document.value, {"x": 1})
    assert document.value == {"a": ["${x}"]}


def test_a_place_without_a_value_is_an_error_where_it_stands() -> None:
    found = missing(parse('{"a": "${x}",\n "b": ["", "${y}${x}"]}'), {"y": 1})
    assert [(p.pointer, p.line, p.column, p.severity) for p in found] == [
        ("/a", 1, 7, Severity.ERROR),
        ("/b/1", 2, 12, Severity.ERROR),
    ]
    assert "${x}" in found[0].message


def test_groovy_may_keep_a_place_of_its_own() -> None:
    found = missing(parse('{"parameter": {"code": "print \\"${record}\\""}}'), {})
    assert [problem.severity for problem in found] == [Severity.WARNING]


def test_a_place_in_a_name_is_an_error() -> None:
    found = missing(parse('{"a": {"${x}": 1}}'), {"x": 1})
    assert [(p.pointer, p.severity) for p in found] == [("/a/${x}", Severity.ERROR), ("", Severity.WARNING)]


def test_a_value_without_a_place_is_a_warning() -> None:
    found = missing(parse('{"a": "$short ${long}"}'), {"short": 1, "long": 2, "other": 3})
    assert [(p.severity, "other" in p.message) for p in found] == [(Severity.WARNING, True)]


def test_a_document_of_a_million_places_makes_no_million_problems() -> None:
    document = parse({"a": ["${x}"] * 100_000})
    assert 0 < len(missing(document, {str(n): n for n in range(1000)})) < 1000


@given(st.lists(NAMES, min_size=1, max_size=5, unique=True), st.data())
def test_all_that_is_found_can_be_filled(names: list[str], data: st.DataObject) -> None:
    value = {"a": [f"<${{{name}}}>" for name in names]}
    params = {name: data.draw(st.text("abc\"'\\{}\n", max_size=5)) for name in names}
    assert set(placeholders(value)) == set(names)
    assert fill(value, params) == {"a": [f"<{params[name]}>" for name in names]}
    assert missing(parse(json.dumps(value)), params) == []

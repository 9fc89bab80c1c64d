"""Reading a job document: what is accepted, what is refused and where, and where each value stands."""

import json
import math
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datax_job import pointers
from datax_job.document import MAX_BYTES, parse
from datax_job.problem import DocumentError, Problem
from datax_job.syntax import Broken, Reader

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), inner, max_size=5
        )
    ),
    max_leaves=20,
)


def problem(source: Any) -> Problem:
    with pytest.raises(DocumentError) as refused:
        parse(source)
    return refused.value.problems[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1} // the end', {"a": 1}),
        ('// first\n/* second */ {"a": /* here */ 1, // there\n "b": [1, // and here\n 2]}', {"a": 1, "b": [1, 2]}),
        ('{"url": "http://h/*x*/"}', {"url": "http://h/*x*/"}),
        ("{'a': 'it\"s', \"b\": \"it's\"}", {"a": 'it"s', "b": "it's"}),
        ("{job: {$a_1: 1, 中: 2, null: 3}}", {"job": {"$a_1": 1, "中": 2, "null": 3}}),
        ('{"a": [1, 2,], "b": {"c": 1,},}', {"a": [1, 2], "b": {"c": 1}}),
        ('{"sql": "select 1\n\tfrom t"}', {"sql": "select 1\n\tfrom t"}),
        (r'{"a": "\x41\'\7\v\#"}', {"a": "A'\x07\x0b#"}),
        ('{"a": [+1, .5, 5., 007, 1L, 1.5D, -0, 2F]}', {"a": [1, 0.5, 5.0, 7, 1, 1.5, 0, 2.0]}),
        (r'{"a": "\ud83d\ude00", "b": 1,}', {"a": "😀", "b": 1}),
        ('{"a":\xa01,\f"b": 2}', {"a": 1, "b": 2}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ('{"__proto__": {"constructor": 1}, "": 2}', {"__proto__": {"constructor": 1}, "": 2}),
        ('{"@type": "java.lang.Runtime", "$ref": "$"}', {"@type": "java.lang.Runtime", "$ref": "$"}),
    ],
)
def test_what_the_parser_of_datax_accepts_is_accepted(text: str, value: Any) -> None:
    assert parse(text).value == value


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", (1, 1), "empty"),
        ("  \n ", (2, 2), "empty"),
        ("not json", (1, 1), "no value"),
        ("[1]", (1, 1), "one object"),
        ("null", (1, 1), "one object"),
        ('{"job": {"content": [}', (1, 22), "a value is expected"),
        ('{\n "a": {\n  "b": 1\n', (4, 1), "the { of line 2 is not closed"),
        ('{"a": 1 "b": 2}', (1, 9), "a comma or } is missing"),
        ('{"a": [1 2]}', (1, 10), "a comma or ] is missing"),
        ('{"a" 1}', (1, 6), "a colon is missing"),
        ('{"a": 1}\n{"b": 2}', (2, 1), "the document ends before this"),
        ('{"a": "x}', (1, 7), "not closed"),
        ('{"a": 1 /* x }', (1, 9), "comment is not closed"),
        ('{"a": "C:\\data"}', (1, 10), "a backslash itself is written twice"),
        ('{"a": NaN}', (1, 7), "no number that JSON has"),
        ('{"a": -Infinity}', (1, 7), "no number that JSON has"),
        ('{"a": True}', (1, 7), "small letters"),
        ('{"a": None}', (1, 7), "null"),
        ('{"a": 1e}', (1, 7), "no value"),
        ('{"a": -}', (1, 7), "no value"),
        # DataX's parser makes 15 of it.
        ('{"a": 1.5L}', (1, 7), "no value"),
        ('{"channel": ${n}}', (1, 13), "must stand in quotes"),
        ("{“a”: 1}", (1, 2), "full-width"),
        ('{"a"： 1}', (1, 5), "full-width"),
        ("{,}", (1, 2), "a name in double quotes"),
        ('{"a": [1,,2]}', (1, 10), "a value is expected"),
    ],
)
def test_a_broken_document_is_refused_at_its_place(text: str, place: tuple[int, int], said: str) -> None:
    refused = problem(text)
    assert (refused.line, refused.column) == place
    assert said in refused.message


@pytest.mark.parametrize(
    ("text", "pointer", "said"),
    [
        ('{"a": {"b": 1, "b": 2}}', "/a/b", "second time"),
        ('{"a": [{}, {"b/c": 1, "b/c": 1}]}', "/a/1/b~1c", "second time"),
        ('{"a": {"b": "x\\u0000"}}', "/a/b", "NUL"),
        ('{"a": ["y", "x\x00"]}', "/a/1", "NUL"),
        ('{"a": "\\ud800"}', "/a", "surrogate"),
        ('{"a": "\\udc00\\ud800"}', "/a", "surrogate"),
        ('{"a": 1e400}', "/a", "too large"),
        ('{"a": [0, %s]}' % ("9" * 5000), "/a/1", "too long"),
        ('{"a": 0.%s}' % ("1" * 5000), "/a", "too long"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_by_its_pointer(text: str, pointer: str, said: str) -> None:
    refused = problem(text)
    assert refused.pointer == pointer
    assert said in refused.message


def test_a_value_is_never_repeated_as_it_may_be_a_password() -> None:
    for text in (
        '{"password": hunter2}',
        '{"password": "hunter2" x}',
        '{"password": "hunter2\\q"}',
        '{"password": "hunter2',
    ):
        assert "hunter2" not in problem(text).message


def test_bytes_are_utf_8_and_nothing_else() -> None:
    assert parse(b'\xef\xbb\xbf{"a": "\xe4\xb8\xad"}').value == {"a": "中"}
    assert "UTF-16" in problem('{"a": 1}'.encode("utf-16")).message
    gbk = problem('{"a": 1,\n "b": "中"}'.encode("gbk"))
    assert (gbk.line, gbk.column) == (2, 8)
    assert "0xD6" in gbk.message


def test_a_text_with_bytes_that_could_not_be_decoded_is_refused_like_the_bytes() -> None:
    kept = '{"a": "中"}'.encode("gbk").decode("utf-8", "surrogateescape")
    assert problem(kept).message == problem('{"a": "中"}'.encode("gbk")).message
    assert "surrogate" in problem('{"a": "\ud800"}').message


def test_a_hundred_levels_are_enough() -> None:
    assert parse('{"a":' * 100 + "1" + "}" * 100)
    for text in ('{"a":' * 101 + "1" + "}" * 101, '{"a":' + "[" * 200 + "]" * 200 + "}", "[" * 1_000_000):
        assert "100 levels" in problem(text).message
    deep: dict[str, Any] = {}
    deep["a"] = deep
    assert "100 levels" in problem(deep).message


def test_eight_mebibytes_are_the_limit() -> None:
    frame = len('{"a":""}')
    assert parse('{"a":"%s"}' % ("x" * (MAX_BYTES - frame)))
    assert "8 MiB" in problem('{"a":"%s"}' % ("x" * (MAX_BYTES - frame + 1))).message
    assert "8 MiB" in problem(b" " * (MAX_BYTES + 10)).message
    assert "8 MiB" in problem('{"a":"%s"}' % ("中" * (MAX_BYTES // 3))).message


def test_an_object_is_taken_as_the_text_it_would_be_written_as() -> None:
    document = parse({"a": {"b": ["中", 1.5, None]}})
    assert json.loads(document.text) == document.value == {"a": {"b": ["中", 1.5, None]}}
    assert document.position("/a/b/1") == (5, 7)


def test_the_value_is_the_documents_own() -> None:
    source: dict[str, Any] = {"a": [1]}
    document = parse(source)
    source["a"].append(2)
    assert document.value == {"a": [1]}


@pytest.mark.parametrize(
    ("source", "pointer"),
    [
        ({"a": {1: 2}}, "/a"),
        ({"a": [object()]}, "/a/0"),
        ({"a": 10**5000}, "/a"),
        ({"a": b"x"}, "/a"),
        ({"a": [1, float("nan")]}, "/a/1"),
        ({"a": "x\x00"}, "/a"),
    ],
)
def test_an_object_that_json_cannot_hold_is_refused(source: dict[Any, Any], pointer: str) -> None:
    assert problem(source).pointer in (pointer, "")
    assert problem(source).message


def test_an_object_that_shares_parts_without_end_is_refused_quickly() -> None:
    shared: list[Any] = [1]
    for _ in range(90):
        shared = [shared, shared]
    assert "8 MiB" in problem({"a": shared}).message


TEXT = """{
  // a comment with "job": 1
  "job": {
    'content': [ {"a/b~c": "x"}, [1,
      2 ], ],
    "": {"0": 1}
  }
}"""


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("", (1, 1)),
        ("/job", (3, 10)),
        ("/job/content", (4, 16)),
        ("/job/content/0", (4, 18)),
        ("/job/content/0/a~1b~0c", (4, 28)),
        ("/job/content/1/0", (4, 35)),
        ("/job/content/1/1", (5, 7)),
        ("/job/", (6, 9)),
        ("/job//0", (6, 15)),
    ],
)
def test_each_value_has_its_line_and_column(pointer: str, place: tuple[int, int]) -> None:
    assert parse(TEXT).position(pointer) == place


@pytest.mark.parametrize(
    ("pointer", "ancestor"),
    [
        ("/nothing/there", ""),
        ("/job/setting/speed", "/job"),
        ("/job/content/7", "/job/content"),
        ("/job/content/01", "/job/content"),
        ("/job/content/-1", "/job/content"),
        ("/job/content/0/a~1b~0c/deeper", "/job/content/0/a~1b~0c"),
    ],
)
def test_what_is_not_there_stands_at_its_nearest_ancestor(pointer: str, ancestor: str) -> None:
    document = parse(TEXT)
    assert document.position(pointer) == document.position(ancestor)


def test_a_pointer_that_is_none_has_no_place() -> None:
    assert parse(TEXT).position("job") is None


def test_lines_end_as_editors_end_them() -> None:
    assert parse('{"a": 1,\r\n"b": 2,\r"c": 3,\n"d": 4}').position("/d") == (4, 6)
    assert parse('{"a": 1,\r\n"b": 2,\r"c": 3}').position("/c") == (3, 6)


@given(PLAIN)
@settings(deadline=None)
def test_plain_json_means_what_json_says(value: Any) -> None:
    for text in (json.dumps({"v": value}), json.dumps({"v": value}, ensure_ascii=False, indent=3)):
        assert parse(text).value == Reader(text).document() == json.loads(text)


@given(PLAIN)
@settings(deadline=None)
def test_every_value_is_found_at_its_place(value: Any) -> None:
    document = parse("/* c */ " + json.dumps({"v": value}, indent=1))
    for pointer, string in pointers.strings(document.value):
        line, column = document.position(pointer) or (0, 0)
        rest = document.text.split("\n")[line - 1][column - 1 :]
        assert rest.startswith(json.dumps(string))


@given(st.text(st.sampled_from("{}[]:,'\"\\/*ntu01e.-+aL $\n😀\x00"), max_size=40))
@settings(deadline=None, max_examples=500)
def test_any_text_is_either_read_or_refused(text: str) -> None:
    for source in (text, '{"a":' + text + "}"):
        try:
            value = Reader(source).document()
        except Broken as broken:
            assert 0 <= broken.offset <= len(source)
            with pytest.raises(ValueError):
                _strictly(source)
            continue
        assert json.loads(json.dumps(value)) == value or isinstance(value, float)


def _strictly(text: str) -> Any:
    """What `json` makes of a text that a document may hold. Raises ValueError for any other."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("twice")
        return dict(pairs)

    def finite(number: str) -> float:
        if math.isinf(float(number)):
            raise ValueError("too large")
        return float(number)

    value = json.loads(text, object_pairs_hook=once, parse_float=finite)
    if "\\u0000" in json.dumps(value):
        raise ValueError("NUL")
    return value


@pytest.mark.parametrize(
    "text",
    [
        "{" + ",".join(f'"k{number}":1' for number in range(500_000)) + "}",
        '{"a":[' + "1," * 4_000_000 + "1]}",
        '{"a":[' + "1," * 4_000_000 + "1}",
        '{"a":["' + r"\n" * 4_000_000 + '",]}',
        '{"a":[' + "/**/" * 2_000_000 + "]}",
        '{"a":' + "/*" * 4_000_000,
        '{"a":"' + "\\" * 8_000_000,
        '{"a":[' + "{}," * 2_500_000 + "1]}",
    ],
    ids=["names", "numbers", "broken", "escapes", "comments", "openings", "backslashes", "objects"],
)
def test_eight_mebibytes_of_anything_are_read_in_linear_time(text: str) -> None:
    began = time.process_time()
    with suppress(DocumentError):
        parse(text).position("/a/3")
    # A second or two on an idle machine; quadratic work would take hours.
    assert time.process_time() - began < 30

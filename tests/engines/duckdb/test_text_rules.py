"""How a text is taken apart: javacsv's rules, in whatever pieces the file comes."""

import os
import threading
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.duckdb.text import wire
from engines.duckdb.text.feed import Feed
from engines.duckdb.text.records import Rules, records


def cells(text: str, rules: Rules | None = None) -> list[list[str]]:
    return [found for found, _ in records(text, 0, True, rules or Rules())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]),
        ("a,b", [["a", "b"]]),
        ("a,", [["a", ""]]),
        ("a,\n", [["a", ""]]),
        (",\n", [["", ""]]),
        ("", []),
        ("\n\n\n", []),
        ("\na\n\nb\n", [["a"], ["b"]]),
        ("a\r\nb\rc\n", [["a"], ["b"], ["c"]]),
        ("   \n", [[""]]),
        ("\t\n", [[""]]),
        (" a , b\t\n", [["a", "b"]]),
        ("\u3000a\n", [["\u3000a"]]),
        ('"a,b",c\n', [["a,b", "c"]]),
        ('"a\nb",c\n', [["a\nb", "c"]]),
        ('"a\r\nb"\r\nc', [["a\r\nb"], ["c"]]),
        ('"he said ""hi""",x\n', [['he said "hi"', "x"]]),
        ('""\n', [[""]]),
        ('"",""\n', [["", ""]]),
        ('""""\n', [['"']]),
        ('" a "\n', [[" a "]]),
        (' "a" ,b\n', [["a", "b"]]),
        ('"a"junk,b\n', [["a", "b"]]),
        ('"a"junk"more,b\n', [["a", "b"]]),
        ('a"b,c\n', [['a"b', "c"]]),
        ('a "b"\n', [['a "b"']]),
        ('"open,b\nc', [["open,b\nc"]]),
        ('"a""', [['a"']]),
        ("#a,b\n", [["#a", "b"]]),
        ("\ufeffa,b\n", [["\ufeffa", "b"]]),
        ('\ufeff"a",b\n', [['\ufeff"a"', "b"]]),
        ("\n\ufeffa,b\n", [["\ufeffa", "b"]]),
        ("\r\n\n\ufeff", [["\ufeff"]]),
        ("a\0b,c\n", [["a\0b", "c"]]),
    ],
)
def test_records_are_cut_as_datax_cuts_them(text: str, expected: list[list[str]]) -> None:
    assert cells(text) == expected
    assert through_duckdb(text.encode(), Rules(), 3) == expected


@pytest.mark.parametrize(
    ("rules", "text", "expected"),
    [
        (Rules(trim=False), ' a , "b"\n', [[" a ", ' "b"']]),
        (Rules(quote=""), '"a,b"\n', [['"a', 'b"']]),
        (Rules(quote="'"), "'a,b',\"c\"\n", [["a,b", '"c"']]),
        (Rules(skip_empty=False), "a\n\nb\n", [["a"], [""], ["b"]]),
        (Rules(skip_empty=False), "a\r\n\r\nb", [["a"], [""], ["b"]]),
        (Rules(comment="#"), "#no\na,#b\n# no", [["a", "#b"]]),
        (Rules(comment="#"), " \t#no\na, #b\n ", [["a", "#b"], [""]]),
        (Rules(comment="#", trim=False), " #yes\n#no", [[" #yes"]]),
        (Rules(delimiter="\t"), " a\t b\t\n", [["a", "b", ""]]),
        (Rules(delimiter="|"), "a|b||\n", [["a", "b", "", ""]]),
        (Rules(delimiter="\x01"), "a\x01b\n", [["a", "b"]]),
        (Rules(delimiter=" "), "a b  c\n", [["a", "b", "", "c"]]),
        (Rules(delimiter="中"), "a中b\n", [["a", "b"]]),
        (Rules(delimiter="."), "a.b\n", [["a", "b"]]),
        (Rules(delimiter="]"), "a ] b\n", [["a", "b"]]),
    ],
)
def test_the_settings_of_the_parser_change_what_they_say(rules: Rules, text: str, expected: list[list[str]]) -> None:
    assert cells(text, rules) == expected
    assert through_duckdb(text.encode(), rules, 5) == expected


# Everything that has a meaning somewhere, and some that has none.
MARKS = st.sampled_from(
    list('ab,," "\t\n\n\r\\#\x02\x03\x1e\x1f\x10\0') + ["é", "😀", "\ufeff", "\u3000", '""', '"a",', "\r\n"]
)


@settings(max_examples=150, deadline=None)
@given(text=st.lists(MARKS, max_size=40).map("".join), piece=st.integers(1, 17))
def test_pieces_and_duckdb_change_nothing(text: str, piece: int) -> None:
    assert through_duckdb(text.encode(), Rules(), piece) == cells(text)


@settings(max_examples=60, deadline=None)
@given(text=st.lists(MARKS, max_size=40).map("".join), piece=st.integers(1, 17))
def test_the_exact_way_sees_the_same_records(text: str, piece: int) -> None:
    feed = Feed(lambda: pieces(text.encode(), piece), Rules(), judge=lambda found: wire.prepared(found))
    assert fed(feed, f"SELECT {wire.split_prepared('line')} FROM") == cells(text)


@given(data=st.binary(max_size=30), piece=st.integers(1, 5))
@settings(max_examples=50, deadline=None)
def test_bytes_that_are_no_text_are_replaced_and_never_stop_the_reading(data: bytes, piece: int) -> None:
    found = through_duckdb(data, Rules(), piece)
    assert all(character < "\udc80" or character > "\udcff" for row in found for cell in row for character in cell)


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    yield from (data[place : place + size] for place in range(0, len(data), size))


def through_duckdb(data: bytes, rules: Rules, size: int) -> list[list[str]]:
    plain = wire.split_plain("line", rules.delimiter, rules.blanks)
    marked = f"starts_with(line, chr({ord(wire.PREPARED)}))"
    select = f"SELECT CASE WHEN {marked} THEN {wire.split_prepared('line')} ELSE {plain} END FROM"
    return fed(Feed(lambda: pieces(data, size), rules), select)


def fed(feed: Feed, select: str) -> list[list[str]]:
    reading, writing = os.pipe()

    def write() -> None:
        feed.run(writing)
        os.close(writing)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        found = duckdb.connect().execute(f"{select} {wire.lines_of(f'/dev/fd/{reading}', 2_000_000)}").fetchall()
    finally:
        thread.join()
        os.close(reading)
    return [row[0] for row in found]

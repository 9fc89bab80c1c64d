"""Where things are in a log: lines by number, numbers by offset, lines that hold something, however the log is cut into parts."""

import time
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from tests.webapp.test_log_api import claimed, failed
from tests.webapp.test_log_store import ID, lines, written
from webapp.logs import appender, content, objects, places
from webapp.logs.local import LocalShelf
from webapp.logs.objects import ObjectShelf
from webapp.logs.shelf import Shelf
from webapp.logs.store import LogStore

MIB = 1024 * 1024


@pytest.fixture(params=["local", "memory"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """One whose plain part is a file, and one where it is a row of objects; both cut logs into many parts."""
    monkeypatch.setattr(appender, "PART_BYTES", 100_000)
    monkeypatch.setattr(objects, "OBJECT_BYTES", 10_000)
    if request.param == "local":
        return LocalShelf(tmp_path / "logs")
    return ObjectShelf(f"memory://{uuid4()}/logs", {})


@pytest.fixture
def store(shelf: Shelf) -> LogStore:
    return LogStore(shelf, patience=60)


def in_pieces(text: bytes, size: int = 7001) -> list[bytes]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def found(store: LogStore, wanted: places.Lines, most: int = 100) -> list[int]:
    """The numbers of all lines, however many calls it takes."""
    numbers, offset, size = [], 0, store.state(ID, 1, fresh=True).size
    while offset < size:
        answer = store.find(ID, 1, wanted, offset, most)
        assert len(answer.places) <= most and answer.next_offset > offset
        numbers += [place.line for place in answer.places if [place.line] != numbers[-1:]]
        offset = answer.next_offset
    return numbers


def test_each_line_is_found_by_its_number_and_knows_it(store: LogStore) -> None:
    text = lines(20_000)
    written(store, *in_pieces(text))
    store.state(ID, 1, fresh=True)
    starts = [0] + [at + 1 for at, byte in enumerate(text) if byte == 10]
    for number in (1, 2, 3, 1999, 9_000, 19_999, 20_000, 20_001):
        assert store.line_start(ID, 1, number) == starts[number - 1]
        assert store.line_at(ID, 1, starts[number - 1]) == number
    assert store.line_at(ID, 1, starts[500] - 1) == 500
    assert store.line_start(ID, 1, 10**9) == len(text)


def test_lines_are_numbered_in_a_log_that_grows_and_by_a_second_writer(store: LogStore) -> None:
    written(store, b"one\ntwo")
    with store.writer(ID, 1) as writer:
        writer.line(" goes on")
        writer.line("three")
        until = time.monotonic() + 20
        while store.state(ID, 1, fresh=True).size < len("one\ntwo goes on\nthree\n"):
            assert time.monotonic() < until
            time.sleep(0.02)
        assert (store.line_start(ID, 1, 3), store.line_at(ID, 1, 18)) == (len("one\ntwo goes on\n"), 3)
    assert store.line_start(ID, 1, 2) == 4


def test_every_line_with_a_text_is_found_once_in_any_case_and_across_parts(store: LogStore) -> None:
    text = b"".join(b"%d needle here and a NEEDLE\n" % n if n % 7 == 0 else b"%d hay\n" % n for n in range(1, 30_000))
    written(store, *in_pieces(text))
    assert found(store, places.text("Needle"), most=333) == list(range(7, 30_000, 7))


def test_a_text_that_is_cut_by_two_slices_is_found(store: LogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "SLICE_BYTES", 1000)
    text = b"x" * 995 + "数据 looked for\n".encode() + b"y\n" * 500 + b"looked for\n"
    written(store, text)
    assert found(store, places.text("数据 looked FOR")) == [1]
    assert found(store, places.text("looked for")) == [1, 502]


def test_a_look_is_bounded_and_goes_on_where_it_stopped(store: LogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MOST_BYTES", 50_000)
    text = lines(20_000) + b"the last line\n"
    written(store, *in_pieces(text))
    store.state(ID, 1, fresh=True)
    answer = store.find(ID, 1, places.text("the last line"), 0, 10)
    assert (answer.places, answer.next_offset) == ([], 50_000)
    assert found(store, places.text("the last line")) == [20_001]


@pytest.mark.parametrize(
    ("line", "is_error"),
    [
        ("2026-01-01 00:00:00.000 [job-0] ERROR JobContainer - it failed", True),
        ("2026-01-01 00:00:00.000 [job-0] FATAL x", True),
        ("Caused by: java.sql.SQLException: no", True),
        ("Traceback (most recent call last):", True),
        ('Exception in thread "main" java.lang.OutOfMemoryError', True),
        ("2026-01-01 00:00:00.000 [job-0] INFO  JobContainer - " + "x" * 90 + " ERROR", False),
        ("Total 3 records, 61 bytes | Speed 0B/s | Error 0 records, 0 bytes", False),
        ('"errorLimit": {"record": 0}', False),
        ("TERRORS", False),
        ("[job-0] ERRORS of others", False),
        ("x ERROR_LIMIT", False),
        ("ERROR", True),
        ("not Caused by: anything", False),
    ],
)
def test_a_line_of_an_error_is_told_from_one_that_only_speaks_of_it(tmp_path: Path, line: str, is_error: bool) -> None:
    store = LogStore(LocalShelf(tmp_path))
    written(store, f"before\n{line}\nafter\n".encode())
    assert found(store, places.errors) == ([2] if is_error else [])


def test_lines_keep_their_numbers_where_the_middle_is_left_out(shelf: Shelf) -> None:
    store, text = LogStore(shelf, most=MIB, patience=60), lines(130_000)
    written(store, *in_pieces(text, 65536))
    store.state(ID, 1, fresh=True)
    last = store.line_start(ID, 1, 130_000)
    assert text[last:].count(b"\n") == 1 and store.line_at(ID, 1, last) == 130_000
    assert found(store, places.text("129999 数据")) == [130_000]
    missing = store.line_start(ID, 1, 80_000)
    assert "left out here" in store.read(ID, 1, missing, 1000).text.decode()


def test_what_is_missing_has_no_place(store: LogStore) -> None:
    assert (store.line_start(ID, 1, 5), store.line_at(ID, 1, 70)) == (0, 1)
    assert store.find(ID, 1, places.text("x"), 0, 10).places == []


@hypothesis(deadline=None)
@given(
    st.binary(max_size=300),
    st.integers(1, 40),
    st.integers(4, 40),
    st.integers(1, 30),
    st.text("ab\n", min_size=1, max_size=2),
)
def test_any_log_is_searched_as_if_it_were_one_text(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cut: int, part: int, slices: int, wanted: str
) -> None:
    data = data.translate(bytes(b"ab\n"[byte % 3] for byte in range(256)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(appender, "PART_BYTES", part)
        patch.setattr(content, "SLICE_BYTES", slices)
        store = LogStore(LocalShelf(tmp_path_factory.mktemp("log")))
        written(store, *in_pieces(data, cut))
        for offset in range(0, len(data) + 1, 7):
            assert store.line_at(ID, 1, offset) == data[:offset].count(b"\n") + 1
        if "\n" not in wanted:
            expected = [n for n, line in enumerate(data.split(b"\n"), 1) if wanted.encode() in line]
            assert found(store, places.text(wanted)) == expected


def test_programs_read_a_line_by_its_number_and_search(app: Flask, api: FlaskClient) -> None:
    task = claimed()
    with app.extensions["logs"].writer(task.id, 1) as writer:
        for number in range(1, 1001):
            writer.line(f"line {number}" + (" [job-0] ERROR x" if number == 700 else ""))
    failed(task)
    path = f"/api/tasks/{task.id}/log"

    answer = api.get(f"{path}?line=500&limit=30")
    assert answer.text.startswith("line 500\nline 501\n") and answer.headers["X-Log-Line"] == "500"
    offset = int(answer.headers["X-Log-Offset"])
    numbered = api.get(f"{path}?offset={offset + 9}&limit=8&numbered=true")
    assert (numbered.text, numbered.headers["X-Log-Line"]) == ("line 501", "501")
    assert "X-Log-Line" not in api.get(path).headers

    searched = api.get(f"{path}/search?text=LINE 99&limit=3").json
    assert [line["line"] for line in searched["lines"]] == [99, 990, 991] and not searched["complete"]
    rest = api.get(f"{path}/search?text=LINE 99&offset={searched['next_offset']}").json
    assert [line["line"] for line in rest["lines"]] == list(range(992, 1000)) and rest["complete"]
    error = api.get(f"{path}/search?level=error&limit=1").json
    assert [line["line"] for line in error["lines"]] == [700] and error["attempt"] == 1


def test_a_search_says_one_thing_and_finds_no_log_that_is_gone(app: Flask, api: FlaskClient) -> None:
    task = claimed()
    app.extensions["logs"].writer(task.id, 1).close()
    failed(task)
    path = f"/api/tasks/{task.id}/log/search"
    assert api.get(f"{path}?text=x").json["complete"] is True
    assert [api.get(path + query).status_code for query in ("", "?text=", "?text=a&level=error", "?level=info")] == [
        422
    ] * 4
    assert api.get(f"{path}?text=x&attempt=2").status_code == 404
    app.extensions["logs"].delete(task.id)
    assert api.get(f"{path}?text=x").status_code == 410

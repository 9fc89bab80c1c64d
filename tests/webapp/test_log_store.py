"""The log store: any bytes in, valid UTF-8 out, at any offset."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.logs.store import LogStore

ID = "08c30376-b3f6-41d3-a90b-053032e823c5"


@pytest.fixture
def store(tmp_path: Path) -> LogStore:
    return LogStore(tmp_path)


def everything(store: LogStore, task_id: str, limit: int) -> bytes:
    offset, parts = 0, []
    while True:
        piece = store.read(task_id, offset, limit)
        if piece.next_offset == offset:
            return b"".join(parts)
        parts.append(piece.text)
        offset = piece.next_offset


def test_a_log_that_does_not_exist_is_empty(store: LogStore) -> None:
    assert store.size(ID) == 0
    assert store.read(ID, 0, 100).text == b""
    assert store.read(ID, 70, 100).next_offset == 70


def test_a_character_cut_over_two_chunks_is_whole(store: LogStore) -> None:
    with store.writer(ID) as writer:
        writer.write("stdout", "数据".encode()[:4])
        writer.write("stdout", "数据".encode()[4:])
    assert store.read(ID, 0, 100).text == "数据".encode()


def test_two_streams_that_cut_their_characters_do_not_mix(store: LogStore) -> None:
    with store.writer(ID) as writer:
        writer.write("stdout", "数".encode()[:1])
        writer.write("stderr", "据".encode()[:2])
        writer.write("stdout", "数".encode()[1:])
        writer.write("stderr", "据".encode()[2:])
    assert store.read(ID, 0, 100).text == "数据".encode()


def test_an_unfinished_character_at_the_end_is_shown_as_one_that_is_broken(store: LogStore) -> None:
    with store.writer(ID) as writer:
        writer.write("stdout", b"a\xe6\x95")
        writer.finish("stdout")
    assert store.read(ID, 0, 100).text.decode() == "a\ufffd"


@given(st.binary(max_size=200), st.integers(1, 9), st.integers(1, 50))
def test_reading_piece_by_piece_gives_the_whole(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, limit: int, cut: int
) -> None:
    store = LogStore(tmp_path_factory.mktemp("log"))
    with store.writer(ID) as writer:
        for start in range(0, len(data), cut):
            writer.write("stdout", data[start : start + cut])
        writer.finish("stdout")
    whole = everything(store, ID, limit)
    assert whole.decode() == data.decode("utf-8", "replace")


@given(st.text(max_size=50), st.integers(0, 200), st.integers(1, 20))
def test_any_offset_gives_whole_characters(
    tmp_path_factory: pytest.TempPathFactory, text: str, offset: int, limit: int
) -> None:
    store = LogStore(tmp_path_factory.mktemp("log"))
    with store.writer(ID) as writer:
        writer.write("stdout", text.encode())
    piece = store.read(ID, offset, limit)
    piece.text.decode()
    assert piece.next_offset >= min(offset, store.size(ID))


@pytest.mark.parametrize("task_id", ["../../etc/passwd", "/etc/passwd", "a\x00b", "x" * 155, "\ud800", "."])
def test_an_id_from_elsewhere_never_leaves_the_folder(tmp_path: Path, task_id: str) -> None:
    store = LogStore(tmp_path / "logs")
    with store.writer(task_id) as writer:
        writer.line("hello")
    assert store.read(task_id, 0, 10).text == b"hello\n"
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]

"""The log store: any bytes in, valid UTF-8 out, at any offset, wherever logs are kept."""

import gzip
import random
import time
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from tests.s3 import s3  # noqa: F401
from webapp.logs import appender
from webapp.logs.local import LocalShelf
from webapp.logs.objects import ObjectShelf
from webapp.logs.shelf import Shelf
from webapp.logs.store import LogStore, folder_of

ID = "08c30376-b3f6-41d3-a90b-053032e823c5"
MIB = 1024 * 1024
# A busy machine may take long to store what is left at the end.
PATIENCE = 60.0


@pytest.fixture(params=["local", "memory", "folders", "s3"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    """Each kind of place in turn; the last is one where an object is not there whole at once."""
    if request.param == "local":
        return LocalShelf(tmp_path / "logs")
    if request.param == "s3":
        return ObjectShelf(f"s3://logs/{uuid4()}", request.getfixturevalue("s3").options)
    url = f"memory://{uuid4()}/logs" if request.param == "memory" else f"file://{tmp_path}/objects"
    return ObjectShelf(url, {})


@pytest.fixture
def store(shelf: Shelf) -> LogStore:
    return LogStore(shelf, patience=PATIENCE)


def written(store: LogStore, *chunks: bytes, attempt: int = 1) -> None:
    with store.writer(ID, attempt) as writer:
        for chunk in chunks:
            writer.write("stdout", chunk)
        writer.finish("stdout")
    assert writer.lost.count == 0


def everything(store: LogStore, limit: int = 64 * 1024, attempt: int = 1) -> bytes:
    offset, texts = 0, []
    store.state(ID, attempt, fresh=True)
    while (piece := store.read(ID, attempt, offset, limit)).next_offset > offset:
        assert len(piece.text) <= max(limit, 4)
        texts.append(piece.text)
        offset = piece.next_offset
    return b"".join(texts)


def lines(count: int, seed: int = 1) -> bytes:
    """Text that shrinks about as well as a log does, with characters of one to four bytes."""
    chance = random.Random(seed)
    return "".join(f"{number} 数据 é 😀 {chance.random()}\n" for number in range(count)).encode()


def test_a_log_that_does_not_exist_is_empty_and_not_kept(store: LogStore) -> None:
    state = store.state(ID, 1)
    assert (state.kept, state.complete, state.size) == (False, False, 0)
    assert store.read(ID, 1, 0, 100).text == b""
    assert store.read(ID, 1, 70, 100).next_offset == 70


def test_a_log_without_any_output_is_kept(store: LogStore) -> None:
    written(store)
    state = store.state(ID, 1, fresh=True)
    assert (state.kept, state.complete, state.size) == (True, True, 0)


def test_each_attempt_has_a_log_of_its_own(store: LogStore) -> None:
    for attempt in (1, 2, 11):
        written(store, f"attempt {attempt}\n".encode(), attempt=attempt)
    assert [everything(store, attempt=attempt) for attempt in (1, 2, 11)] == [
        b"attempt 1\n",
        b"attempt 2\n",
        b"attempt 11\n",
    ]


def test_a_second_writer_of_an_attempt_appends(store: LogStore) -> None:
    written(store, b"one\n")
    written(store, b"two\n")
    assert everything(store) == b"one\ntwo\n"


def test_a_log_is_read_while_it_grows(store: LogStore) -> None:
    with store.writer(ID, 1) as writer:
        writer.line("first")
        began = time.monotonic()
        while store.read(ID, 1, 0, 100).text != b"first\n":
            assert time.monotonic() - began < 20
            time.sleep(0.02)
        assert not store.state(ID, 1).complete
        writer.line("second")
    assert store.state(ID, 1, fresh=True).complete
    assert store.read(ID, 1, 6, 100).text == b"second\n"


def test_a_character_cut_over_two_chunks_is_whole(store: LogStore) -> None:
    written(store, "数据".encode()[:4], "数据".encode()[4:])
    assert everything(store) == "数据".encode()


def test_two_streams_that_cut_their_characters_do_not_mix(store: LogStore) -> None:
    with store.writer(ID, 1) as writer:
        writer.write("stdout", "数".encode()[:1])
        writer.write("stderr", "据".encode()[:2])
        writer.write("stdout", "数".encode()[1:])
        writer.write("stderr", "据".encode()[2:])
    assert everything(store) == "数据".encode()


def test_an_unfinished_character_at_the_end_is_shown_as_one_that_is_broken(store: LogStore) -> None:
    written(store, b"a\xe6\x95")
    assert everything(store).decode() == "a\ufffd"


def test_a_log_of_many_parts_is_packed_and_read_from_anywhere(store: LogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appender, "PART_BYTES", 100_000)
    text = lines(20_000)
    written(store, *(text[start : start + 7001] for start in range(0, len(text), 7001)))
    entries = store.shelf.entries(folder_of(ID), fresh=True)
    assert len(entries) > 5 and all(entry.name.endswith(".gz") for entry in entries)
    assert sum(entry.size for entry in entries) < len(text) / 2
    assert everything(store, 1_000_000) == everything(store, 40_000) == text
    for offset in (0, 1, 99_999, 100_000, 333_333, len(text) - 5):
        piece = store.read(ID, 1, offset, 5000)
        assert piece.text in text[offset : offset + 5000] and len(piece.text) > 4990 - max(0, offset + 5000 - len(text))


def test_a_packed_part_is_what_every_gzip_reads(tmp_path: Path) -> None:
    text = lines(5000)
    written(LogStore(LocalShelf(tmp_path)), text)
    [packed] = tmp_path.rglob("*.gz")
    assert gzip.decompress(packed.read_bytes()) == text


def test_of_a_log_that_is_too_long_the_middle_is_left_out(shelf: Shelf) -> None:
    store, text = LogStore(shelf, most=MIB, patience=PATIENCE), lines(130_000)
    assert len(text) > 5 * MIB
    written(store, *(text[start : start + 65536] for start in range(0, len(text), 65536)))

    kept = everything(store)

    head, notice, tail = kept.partition("\n[… ".encode())
    count, _, tail = tail.partition(" bytes of the log are left out here …]\n".encode())
    assert text.startswith(head) and text.endswith(tail) and notice
    assert len(head) >= MIB / 2 and len(tail) >= MIB / 4
    assert len(head) + int(count) + len(tail) == len(text) == store.state(ID, 1).size


def test_offsets_of_a_follower_only_grow_while_the_middle_is_left_out(shelf: Shelf) -> None:
    store, text, offset = LogStore(shelf, most=MIB, patience=PATIENCE), lines(130_000), 0
    with store.writer(ID, 1) as writer:
        for start in range(0, len(text), 65536):
            writer.write("stdout", text[start : start + 65536])
            piece = store.read(ID, 1, offset, 1000)
            assert piece.next_offset >= offset
            piece.text.decode()
            offset = piece.next_offset
    assert store.state(ID, 1, fresh=True).size == len(text)
    assert (text[-100:] in store.read(ID, 1, len(text) - 100, 100).text) and offset < len(text)


def test_a_deleted_log_is_gone_with_all_its_attempts(store: LogStore) -> None:
    for attempt in (1, 2):
        written(store, b"text", attempt=attempt)
    store.delete(ID)
    assert not store.state(ID, 1, fresh=True).kept and not store.state(ID, 2).kept
    store.delete(ID)


@hypothesis(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200), st.integers(1, 9), st.integers(1, 50), st.integers(4, 30))
def test_reading_piece_by_piece_gives_the_whole(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    data: bytes,
    limit: int,
    cut: int,
    part: int,
) -> None:
    monkeypatch.setattr(appender, "PART_BYTES", part)
    store = LogStore(LocalShelf(tmp_path_factory.mktemp("log")))
    written(store, *(data[start : start + cut] for start in range(0, len(data), cut)))
    assert everything(store, limit).decode() == data.decode("utf-8", "replace")


@hypothesis(deadline=None)
@given(st.text(max_size=50), st.integers(0, 200), st.integers(1, 20))
def test_any_offset_gives_whole_characters(
    tmp_path_factory: pytest.TempPathFactory, text: str, offset: int, limit: int
) -> None:
    store = LogStore(LocalShelf(tmp_path_factory.mktemp("log")))
    written(store, text.encode())
    piece = store.read(ID, 1, offset, limit)
    piece.text.decode()
    assert piece.next_offset >= min(offset, store.state(ID, 1).size)


@pytest.mark.parametrize("task_id", ["../../etc/passwd", "/etc/passwd", "a\x00b", "x" * 155, "\ud800", "."])
def test_an_id_from_elsewhere_never_leaves_the_folder(tmp_path: Path, task_id: str) -> None:
    store = LogStore(LocalShelf(tmp_path / "logs"))
    with store.writer(task_id, 1) as writer:
        writer.line("hello")
    assert store.read(task_id, 1, 0, 10).text == b"hello\n"
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]

"""Readers and writers of one log at the same moment, and writers that die."""

import multiprocessing
import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import pytest
from fsspec.core import url_to_fs

from tests.s3 import S3, s3  # noqa: F401
from webapp.logs import appender, objects
from webapp.logs.local import LocalShelf
from webapp.logs.objects import ObjectShelf
from webapp.logs.shelf import Shelf
from webapp.logs.store import LogStore

ID = "08c30376-b3f6-41d3-a90b-053032e823c5"
ROOT = Path(__file__).resolve().parents[2]


class Reader(Thread):
    """Reads a growing log again and again, from its start and from anywhere, and keeps what was not as it should be."""

    def __init__(self, store: LogStore, text: bytes, seed: int) -> None:
        super().__init__()
        self.store, self.text = store, text
        self.chance = random.Random(seed)
        self.over = Event()
        self.followed = b""
        self.wrong: list[str] = []

    def run(self) -> None:
        while not self.over.is_set():
            self._follow()
            self._look_anywhere()
        self.store.state(ID, 1, fresh=True)
        self._follow()

    def _follow(self) -> None:
        while (piece := self.store.read(ID, 1, len(self.followed), 5000)).text:
            self.followed += piece.text
            if piece.next_offset != len(self.followed):
                self.wrong.append(f"{piece.next_offset} after {len(self.followed)} bytes")
                return

    def _look_anywhere(self) -> None:
        offset = self.chance.randrange(len(self.text))
        piece = self.store.read(ID, 1, offset, 3000)
        asked = self.text[offset : piece.next_offset]  # it may begin in the midst of a character
        if piece.text and not (asked.endswith(piece.text) and len(asked) - len(piece.text) < 4):
            self.wrong.append(f"other text at {offset}")


# Not fsspec's own store in memory: its listing breaks when something is deleted at that moment.
@pytest.fixture(params=["local", "folders"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setattr(appender, "PART_BYTES", 20_000)
    monkeypatch.setattr(objects, "OBJECT_BYTES", 3_000)
    monkeypatch.setattr(objects, "LISTED_SECONDS", 0.001)
    if request.param == "local":
        return LocalShelf(tmp_path / "logs")
    return ObjectShelf(f"file://{tmp_path}/objects", {})


def test_readers_see_the_same_bytes_while_parts_are_packed_under_their_hands(shelf: Shelf) -> None:
    text = "".join(f"{number} 数据 😀\n" for number in range(60_000)).encode()
    readers = [Reader(LogStore(shelf), text, seed) for seed in range(3)]
    with LogStore(shelf).writer(ID, 1) as writer:
        for reader in readers:
            reader.start()
        for start in range(0, len(text), 777):
            writer.write("stdout", text[start : start + 777])
    for reader in readers:
        reader.over.set()
        reader.join()
    assert [reader.wrong for reader in readers] == [[], [], []]
    assert all(reader.followed == text for reader in readers)


def test_a_forked_process_reads_and_writes_on_its_own(s3: S3) -> None:  # noqa: F811
    store = LogStore(ObjectShelf(f"s3://logs/{uuid4()}", s3.options), patience=60)
    with store.writer(ID, 1) as writer:
        writer.line("the parent's")

    def child() -> None:
        assert store.state(ID, 1, fresh=True).complete
        assert store.read(ID, 1, 0, 100).text == b"the parent's\n"
        with store.writer(ID, 2) as writer:
            writer.line("the child's")

    forked = multiprocessing.get_context("fork").Process(target=child)
    forked.start()
    forked.join(60)
    assert forked.exitcode == 0
    assert store.state(ID, 2, fresh=True).complete and store.read(ID, 2, 0, 100).text == b"the child's\n"


def test_many_writers_share_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(url: str, **options: object) -> object:
        made.append(url)
        return url_to_fs(url, **options)

    monkeypatch.setattr(objects, "url_to_fs", counted)
    store = LogStore(ObjectShelf(f"memory://{uuid4()}", {}))
    for attempt in range(1, 6):
        with store.writer(ID, attempt) as writer:
            writer.line("text")
    assert len(made) == 1


def test_what_a_killed_worker_wrote_is_there_to_the_last_byte(tmp_path: Path) -> None:
    program = """
        import os, sys
        from pathlib import Path
        from webapp.logs import appender
        from webapp.logs.local import LocalShelf
        from webapp.logs.store import LogStore
        appender.PART_BYTES = 10_000
        writer = LogStore(LocalShelf(Path(sys.argv[1]))).writer(sys.argv[2], 1)
        for number in range(3000):
            writer.line(f"line {number}")
        os.kill(os.getpid(), 9)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(tmp_path), ID]
    assert subprocess.run(command, cwd=ROOT).returncode == -signal.SIGKILL
    store, lines = LogStore(LocalShelf(tmp_path)), "".join(f"line {number}\n" for number in range(3000)).encode()
    assert store.read(ID, 1, 0, 10**6).text == lines and not store.state(ID, 1).complete
    with store.writer(ID, 2) as writer:
        writer.line("the next attempt")
    assert store.read(ID, 1, 0, 10**6).text == lines
    assert store.read(ID, 2, 0, 100).text == b"the next attempt\n"

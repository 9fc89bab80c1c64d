"""Logs in a local folder: one file a task, always valid UTF-8, readable at any offset while it grows."""

import codecs
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_PLAIN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a log. `next_offset` counts bytes from the log's start."""

    text: bytes
    next_offset: int


class LogStore:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def writer(self, task_id: str) -> "LogWriter":
        """Append to the task's log; the log is made when it is not there."""
        path = self._path(task_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        return LogWriter(path)

    def size(self, task_id: str) -> int:
        """Bytes so far; 0 for a log that does not exist yet."""
        try:
            return self._path(task_id).stat().st_size
        except FileNotFoundError:
            return 0

    def read(self, task_id: str, offset: int, limit: int) -> Piece:
        """At most `limit` bytes from `offset`, begun and cut at character boundaries. An offset past the end gives nothing.

        A limit below 4 counts as 4, the longest character, so that who reads on and on always comes to the end.
        """
        try:
            with self._path(task_id).open("rb") as file:
                file.seek(offset)
                chunk = file.read(max(limit, 4))
        except FileNotFoundError:
            chunk = b""
        start = _first_boundary(chunk)
        end = _last_boundary(chunk)
        return Piece(chunk[start:end], offset + max(start, end))

    def _path(self, task_id: str) -> Path:
        # An id given by another program may hold anything; its hash is a safe name.
        name = (
            task_id if _PLAIN_ID.fullmatch(task_id) else hashlib.sha256(task_id.encode("utf-8", "replace")).hexdigest()
        )
        return self._folder / name[:2] / f"{name}.log"


class LogWriter:
    """Takes bytes of any kind and stores text: broken UTF-8 becomes U+FFFD, a character cut over two chunks is whole."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._decoders: dict[str, codecs.IncrementalDecoder] = {}

    def write(self, stream: str, chunk: bytes) -> bytes:
        """Store a chunk of one of the streams that share the log; returns what was stored."""
        if stream not in self._decoders:
            self._decoders[stream] = codecs.getincrementaldecoder("utf-8")("replace")
        return self._append(self._decoders[stream].decode(chunk))

    def finish(self, stream: str) -> bytes:
        """Store what a stream's unfinished last character leaves."""
        decoder = self._decoders.pop(stream, None)
        return self._append(decoder.decode(b"", final=True)) if decoder else b""

    def line(self, text: str) -> None:
        """A line of our own."""
        self._append(text + "\n")

    def _append(self, text: str) -> bytes:
        stored = text.encode("utf-8", "replace")
        view = memoryview(stored)
        while view:
            view = view[self._file.write(view) :]
        return stored

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _first_boundary(chunk: bytes) -> int:
    """How many bytes at the start belong to a character that began before it."""
    for index, byte in enumerate(chunk[:4]):
        if byte & 0xC0 != 0x80:
            return index
    return min(len(chunk), 4)


def _last_boundary(chunk: bytes) -> int:
    """Where the last whole character ends; never 0 for a chunk that holds one."""
    for back in range(1, min(4, len(chunk)) + 1):
        byte = chunk[-back]
        if byte & 0xC0 == 0x80:
            continue
        width = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        return len(chunk) if width <= back else len(chunk) - back
    return len(chunk)

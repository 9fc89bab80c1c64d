"""A shelf that is a folder of this machine, or one that several machines have mounted. Text is seen as soon as it is written."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from webapp.logs import parts
from webapp.logs.parts import Entry
from webapp.logs.shelf import Held


class LocalTail:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        self.length = os.fstat(self._file).st_size

    def append(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError:
            # A full disk may have taken half of a character.
            os.ftruncate(self._file, self.length)
            raise
        self.length += len(data)

    def close(self) -> None:
        os.close(self._file)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)


class LocalShelf:
    slow = False

    def __init__(self, root: Path) -> None:
        self._root = root

    def entries(self, folder: str, *, fresh: bool = False) -> list[Entry]:
        try:
            with os.scandir(self._root / folder) as found:
                return [entry for file in found if (entry := _entry(file)) is not None]
        except FileNotFoundError:
            return []

    def get(self, folder: str, name: str, start: int, end: int) -> bytes:
        with (self._root / folder / name).open("rb", buffering=0) as file:
            file.seek(start)
            return file.read(end - start)

    def put(self, folder: str, name: str, data: bytes) -> None:
        path = self._root / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{name}")
        try:
            draft.write_bytes(data)
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise

    def remove(self, folder: str, name: str) -> None:
        (self._root / folder / name).unlink(missing_ok=True)

    def remove_folder(self, folder: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._root / folder)

    def tail(self, folder: str, attempt: int, start: int, lines: int) -> LocalTail:
        return LocalTail(self._root / folder / parts.plain(attempt, start, lines))

    def folders(self) -> Iterator[Held]:
        for group in _folders_in(self._root):
            for folder in _folders_in(Path(group.path)):
                held = _held(Path(folder.path), f"{group.name}/{folder.name}")
                if held is not None:
                    yield held


def _entry(file: os.DirEntry[str]) -> Entry | None:
    try:
        if not file.name.endswith(".log"):
            return Entry(file.name, file.stat().st_size)
        # A network file system remembers sizes for long, and asks again when a file is opened.
        with open(file.path, "rb", buffering=0) as growing:
            return Entry(file.name, os.fstat(growing.fileno()).st_size)
    except FileNotFoundError:
        return None  # packed or deleted since


def _folders_in(path: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as found:
            return [entry for entry in found if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []


def _held(path: Path, folder: str) -> Held | None:
    try:
        found = [(file.suffix, file.stat()) for file in path.iterdir()]
    except FileNotFoundError:
        return None  # another scheduler was first
    changed = max((stat.st_mtime for _, stat in found), default=0.0)
    growing = any(suffix == ".log" for suffix, _ in found)
    return Held(folder, sum(stat.st_size for _, stat in found), changed, growing)

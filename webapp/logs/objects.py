"""A shelf in any store that fsspec reaches, such as S3 or OSS. Objects there cannot grow, so a plain part is a row of them."""

import contextlib
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from threading import Lock
from typing import Any

from fsspec.core import url_to_fs

from webapp.logs import parts
from webapp.logs.parts import Entry
from webapp.logs.shelf import Held

# The last object of a row is written again with what was added, until it is this large: a slow log does not become thousands of them.
OBJECT_BYTES = 256 * 1024
# Many who follow one log share one listing for so long.
LISTED_SECONDS = 0.4
MOST_LISTED = 200
# Unless LOG_STORE_OPTIONS says otherwise: clients wait minutes for a store that is away, and somebody waits for them.
PATIENCE: dict[str, dict[str, Any]] = {
    "s3": {"config_kwargs": {"connect_timeout": 3, "read_timeout": 10, "retries": {"max_attempts": 1}}}
}


class ObjectTail:
    def __init__(self, shelf: "ObjectShelf", folder: str, attempt: int, start: int, lines: int) -> None:
        self._shelf, self._folder, self._attempt = shelf, folder, attempt
        self._start, self._lines = start, lines
        self._last = b""
        self._names: list[str] = []
        self.length = 0
        self._write(b"")

    def append(self, data: bytes) -> None:
        self._write(self._last + data)
        self.length += len(data)
        if len(self._last) >= OBJECT_BYTES:
            self._start += len(self._last)
            self._lines += self._last.count(b"\n")
            self._last = b""

    def close(self) -> None:
        self._last = b""

    def remove(self) -> None:
        for name in self._names:
            self._shelf.remove(self._folder, name)

    def _write(self, data: bytes) -> None:
        name = parts.plain(self._attempt, self._start, self._lines)
        self._shelf.put(self._folder, name, data)
        self._last = data
        if name not in self._names[-1:]:
            self._names.append(name)


class ObjectShelf:
    """All threads of a process share one client, which fsspec left alone would not do; a fork needs one of its own."""

    slow = True

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self._url = url.rstrip("/")
        self._options = {**PATIENCE.get(url.partition("://")[0], {}), **options}
        self._client: tuple[int, Any, str] = (0, None, "")
        self._listed: dict[str, tuple[float, list[Entry]]] = {}
        self._lock = Lock()

    def entries(self, folder: str, *, fresh: bool = False) -> list[Entry]:
        at, known = self._listed.get(folder, (0.0, []))
        if not fresh and time.monotonic() - at < LISTED_SECONDS:
            return known
        found = [Entry(_name(info), int(info["size"] or 0)) for info in self._list(folder) if info["type"] == "file"]
        with self._lock:
            if len(self._listed) >= MOST_LISTED:
                self._listed.clear()
            self._listed[folder] = (time.monotonic(), found)
        return found

    def get(self, folder: str, name: str, start: int, end: int) -> bytes:
        with _as_os_errors():
            store, path = self._at(folder)
            return bytes(store.cat_file(f"{path}/{name}", start=start, end=end))

    def put(self, folder: str, name: str, data: bytes) -> None:
        with _as_os_errors():
            store, path = self._at(folder)
            try:
                store.pipe_file(f"{path}/{name}", data)
            except FileNotFoundError:  # a store that has real folders
                store.makedirs(path, exist_ok=True)
                store.pipe_file(f"{path}/{name}", data)

    def remove(self, folder: str, name: str) -> None:
        with _as_os_errors(), contextlib.suppress(FileNotFoundError):
            store, path = self._at(folder)
            store.rm_file(f"{path}/{name}")

    def remove_folder(self, folder: str) -> None:
        with _as_os_errors(), contextlib.suppress(FileNotFoundError):
            store, path = self._at(folder)
            store.rm(path, recursive=True)

    def tail(self, folder: str, attempt: int, start: int, lines: int) -> ObjectTail:
        return ObjectTail(self, folder, attempt, start, lines)

    def folders(self) -> Iterator[Held]:
        """A listing for each group of folders, whatever their number in it."""
        for group in self._list(""):
            with _as_os_errors():
                store, path = self._at(_name(group))
                found: dict[str, dict[str, Any]] = store.find(path, detail=True)
            held = defaultdict(list)
            for name, info in found.items():
                held["/".join(name.rsplit("/", 3)[1:3])].append(info)
            yield from (_held(folder, infos) for folder, infos in held.items())

    def _list(self, folder: str) -> list[dict[str, Any]]:
        with _as_os_errors(), contextlib.suppress(FileNotFoundError):
            store, path = self._at(folder)
            return list(store.ls(path, detail=True))
        return []

    def _at(self, folder: str) -> tuple[Any, str]:
        pid, store, root = self._client
        if pid != os.getpid():
            store, root = url_to_fs(self._url, use_listings_cache=False, skip_instance_cache=True, **self._options)
            self._client = (os.getpid(), store, root)
        return store, f"{root}/{folder}".rstrip("/")


@contextlib.contextmanager
def _as_os_errors() -> Iterator[None]:
    """Clients raise what they like: for who keeps logs, all of it means that the store cannot be used now."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


def _name(info: dict[str, Any]) -> str:
    return str(info["name"]).rstrip("/").rpartition("/")[2]


def _held(folder: str, found: list[dict[str, Any]]) -> Held:
    changed = max((_changed(info) for info in found), default=0.0)
    growing = any(_name(info).endswith(".log") for info in found)
    return Held(folder, sum(int(info["size"] or 0) for info in found), changed, growing)


def _changed(info: dict[str, Any]) -> float:
    """Each client has its own word for it. An object of unknown age is taken for new: nothing is deleted for want of a word."""
    for key in ("LastModified", "last_modified", "mtime", "modified", "updated", "created"):
        value = info.get(key)
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, int | float):
            return float(value)
    return time.time()

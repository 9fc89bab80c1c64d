"""Which files a submitted job may touch: those under the folders of `FILE_ROOTS`, links followed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datax_job.document import Document

from datax_job.problem import Problem, Text

FileRoots = tuple[Path, ...]

# Where each plugin names its files. A jdbc:sqlite: URL names one for any plugin.
PATH_PARAMETERS = {
    "txtfilereader": ("path",),
    "txtfilewriter": ("path",),
    "streamwriter": ("path",),
    "excelreader": ("path",),
    "excelwriter": ("path",),
    "jsonfilereader": ("path",),
    "dbfreader": ("path",),
    "dbfwriter": ("path",),
}
SQLITE = "jdbc:sqlite:"


def problems(document: Document, filled: dict[str, Any], roots: FileRoots) -> list[Problem]:
    """A problem for each path in the (filled) job that lies outside the roots."""
    return [
        document.problem(pointer, reason)
        for pointer, path in _paths(filled)
        if (reason := refusal(path, roots)) is not None
    ]


def refusal(path: str, roots: FileRoots) -> Text | None:
    """Why a path may not be used. None when it lies under a root once its links are followed."""
    if "\x00" in path:
        return Text("a file path holds a NUL character")
    if not os.path.isabs(path):
        return Text("the file path %(path)r is relative; write it out in full, beginning with /", {"path": path})
    real = os.path.realpath(_fixed_part(path))
    if any(_inside(real, os.path.realpath(root)) for root in roots):
        return None
    allowed = ":".join(str(root) for root in roots)
    template = "%(path)r is outside the folders that jobs may use (%(roots)s); the setting FILE_ROOTS names them"
    return Text(template, {"path": path, "roots": allowed})


def _fixed_part(path: str) -> str:
    """The part of a glob before its first wildcard, up to a folder. What a wildcard finds is below it, unless it finds a link."""
    wild = min((at for at in (path.find("*"), path.find("?")) if at >= 0), default=None)
    return path if wild is None else os.path.dirname(path[:wild]) or "/"


def _inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _paths(filled: dict[str, Any]) -> Iterator[tuple[str, str]]:
    content = filled.get("job", {}).get("content", [])
    for index, part in enumerate(content if isinstance(content, list) else [content]):
        for side in ("reader", "writer"):
            plugin = part.get(side) or {}
            place = f"/job/content/{index}/{side}/parameter"
            parameter = plugin.get("parameter") or {}
            yield from _file_parameters(plugin.get("name"), place, parameter)
            yield from _sqlite_files(place, parameter)


def _file_parameters(name: str | None, place: str, parameter: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in PATH_PARAMETERS.get(name or "", ()):
        value = parameter.get(key)
        for index, path in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(path, str):
                yield (f"{place}/{key}/{index}" if isinstance(value, list) else f"{place}/{key}"), path


def _sqlite_files(place: str, parameter: dict[str, Any]) -> Iterator[tuple[str, str]]:
    connections = parameter.get("connection")
    for index, connection in enumerate(connections if isinstance(connections, list) else [connections]):
        urls = connection.get("jdbcUrl") if isinstance(connection, dict) else None
        for url in urls if isinstance(urls, list) else [urls]:
            if isinstance(url, str) and url.lower().startswith(SQLITE):
                yield f"{place}/connection/{index}/jdbcUrl", url[len(SQLITE) :].partition("?")[0].removeprefix("file:")

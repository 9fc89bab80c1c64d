"""Which files a submitted job may touch: those under the folders of `FILE_ROOTS`, links followed."""

import os
from collections.abc import Iterator
from glob import iglob
from itertools import islice
from pathlib import Path
from urllib.parse import unquote

from datax_job.problem import Text
from webapp.policy.parts import Part, Refusal

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
# Of a folder's files, when it is searched for links.
MOST_LOOKED_AT = 5000


def refused(parts: list[Part], roots: FileRoots) -> Iterator[Refusal]:
    """A refusal for each path in a job that lies outside the roots."""
    for part in parts:
        for pointer, path in (*_file_parameters(part), *_sqlite_files(part)):
            # Behind a path that is refused nothing is looked for.
            text = refusal(path, roots) or next(filter(None, (refusal(link, roots) for link in _links(path))), None)
            if text is not None:
                yield pointer, text
        yield from _local_file_systems(part)


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


def _file_parameters(part: Part) -> Iterator[tuple[str, str]]:
    place, names = f"{part.pointer}/parameter", PATH_PARAMETERS.get(part.name.lower(), ())
    file_name = part.parameter.get("fileName")
    for key in names:
        value = part.parameter.get(key)
        for index, path in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(path, str):
                continue
            pointer = f"{place}/{key}/{index}" if isinstance(value, list) else f"{place}/{key}"
            yield pointer, path
            if isinstance(file_name, str):
                yield f"{place}/fileName", os.path.join(path, file_name)


def _links(path: str) -> Iterator[str]:
    """The links among the files that a reader would find: those of a wildcard, or of a folder."""
    if any(sign in path for sign in "*?"):
        found: Iterator[str] = iglob(path)
    elif os.path.isdir(path):
        found = (os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)
    else:
        return
    yield from (each for each in islice(found, MOST_LOOKED_AT) if os.path.islink(each))


def _sqlite_files(part: Part) -> Iterator[tuple[str, str]]:
    for pointer, text in part.strings():
        if text.strip().lower().startswith(SQLITE):
            path = text.strip()[len(SQLITE) :].partition("?")[0]
            yield pointer, unquote(path.removeprefix("file:")) if path.startswith("file:") else path


def _local_file_systems(part: Part) -> Iterator[Refusal]:
    """Hadoop takes `file:` for a file system like any other."""
    for pointer, text in part.strings():
        if text.strip().lower().startswith("file:"):
            template = "%(path)r is a file of the worker; jobs name such files by the plugins for files, in FILE_ROOTS"
            yield pointer, Text(template, {"path": text})

"""Which files a submitted job may touch: those under the folders of `FILE_ROOTS`, links followed."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote

from datax_job import catalogue
from datax_job.problem import Text
from webapp.policy.parts import Part, Refusal

FileRoots = tuple[Path, ...]

# Where each plugin names its files; of one that is not known `path` is such a name. A jdbc:sqlite: URL names one for any plugin.
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
_UNKNOWN = ("path",)
# Plugins whose files lie elsewhere.
_REMOTE = re.compile(
    r"(?:hdfs|webhdfs|hive|s?ftp|oss|s3|obs|cos|bos|gcs|azure|minio|iceberg|hudi|paimon|http|rest|kafka|mongodb|redis).*"
)
SQLITE = "jdbc:sqlite:"
# Statements by which SQLite opens another file; a comment may stand before them.
_OPENS = re.compile(r"(?:\A|;|\*/|\n)\s*(?:attach|vacuum\b[^;]*\binto)\b|\bload_extension\b", re.I)
# A parameter of a JDBC URL that names a certificate, a key or a store of them.
_KEY_FILE = re.compile(
    r"(?<![\w.-])(ssl(?:root)?cert|sslkey|serversslcert|sslcertlocation|[\w.]{0,60}(?:trust|key)_?store(?:_?(?:location|path|file))?)"
    r"\s*=\s*([^&;,)\s}]+)",
    re.I,
)
# Where systems keep the certificates that everybody may read.
_CERTIFICATES = tuple(
    Path(folder)
    for folder in (
        "/etc/ssl/certs",
        "/etc/pki/tls/certs",
        "/etc/pki/ca-trust",
        "/usr/share/ca-certificates",
        "/usr/local/share/ca-certificates",
    )
)
# What a path with a wildcard says beyond `*`, `?` and dots.
_EXPRESSION = re.compile(r"[][(){}+|^$\\]")
# Of a folder's files, when it is searched for links: a quarter of a second.
MOST_LOOKED_AT = 500_000


def refused(parts: list[Part], roots: FileRoots) -> Iterator[Refusal]:
    """A refusal for each path in a job that lies outside the roots."""
    for part in parts:
        for pointer, path in (*_file_parameters(part), *_sqlite_files(part)):
            # Behind a path that is refused nothing is looked for.
            text = refusal(path, roots) or _behind(path, roots)
            if text is not None:
                yield pointer, text
        for pointer, path in _key_files(part):
            if refusal(path, _CERTIFICATES) is not None and (text := refusal(path, roots)) is not None:
                yield pointer, text
        yield from _local_file_systems(part)
        yield from _sqlite_statements(part)


def refusal(path: str, roots: FileRoots) -> Text | None:
    """Why a path may not be used. None when it lies under a root once its links are followed."""
    if "\x00" in path:
        return Text("a file path holds a NUL character")
    if not os.path.isabs(path):
        return Text("the file path %(path)r is relative; write it out in full, beginning with /", {"path": path})
    if _within(path, roots):
        return None
    allowed = ":".join(str(root) for root in roots)
    template = "%(path)r is outside the folders that jobs may use (%(roots)s); the setting FILE_ROOTS names them"
    return Text(template, {"path": path, "roots": allowed})


def _within(path: str, roots: FileRoots) -> bool:
    """A writer takes a wildcard for what it is, and makes a folder of that name: so none may be climbed out of."""
    fixed = _fixed_part(path)
    if ".." in path[len(fixed) :].split("/"):
        return False
    real = os.path.realpath(fixed)
    return any(_inside(real, os.path.realpath(root)) for root in roots)


def _fixed_part(path: str) -> str:
    """The part of a glob before its first wildcard, up to a folder. What a wildcard finds is below it, unless it finds a link."""
    wild = min((at for at in (path.find("*"), path.find("?")) if at >= 0), default=None)
    return path if wild is None else os.path.dirname(path[:wild]) or "/"


def _inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _path_parameters(part: Part) -> tuple[str, ...]:
    name = part.name.lower()
    if name in PATH_PARAMETERS:
        return PATH_PARAMETERS[name]
    return () if name in catalogue.plugins() or _REMOTE.fullmatch(name) or part.side == "transformer" else _UNKNOWN


def _file_parameters(part: Part) -> Iterator[tuple[str, str]]:
    place, names = f"{part.pointer}/parameter", _path_parameters(part)
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
    # Addax reads a query from the file behind an @.
    for pointer, text in part.strings():
        if "/querySql" in pointer and text.startswith("@"):
            yield pointer, text[1:]


def _behind(path: str, roots: FileRoots) -> Text | None:
    """The refusal for a link that a reader would follow below a folder or a wildcard, which stands for any text, also across folders."""
    start = _fixed_part(path)
    if not os.path.isdir(start):
        return None
    wanted = "*" if start == path else _wider(path)
    for number, found in enumerate(_below(start)):
        if number == MOST_LOOKED_AT:
            template = "below %(path)r lie more files than can be looked at for links; name a smaller folder"
            return Text(template, {"path": start})
        if found.is_symlink() and (found.is_dir() or fnmatchcase(found.path, wanted)):
            text = refusal(found.path, roots)
            if text is not None:
                return text
    return None


def _wider(path: str) -> str:
    """A pattern for `fnmatch`, which takes no longer for many wildcards, of all that such a path can mean: DataX makes a regular expression
    of it, in which `?` is a character or none and a dot is any character."""
    return "*" if _EXPRESSION.search(path) else path.replace(".", "?").replace("?", "*")


def _below(folder: str) -> Iterator["os.DirEntry[str]"]:
    """All that is in a folder, at any depth and behind links to folders, as a reader finds it; each folder once."""
    todo, seen = [folder], {os.path.realpath(folder)}
    while todo:
        with suppress(OSError), os.scandir(todo.pop()) as entries:
            for entry in entries:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
                elif entry.is_symlink() and entry.is_dir() and (real := os.path.realpath(entry.path)) not in seen:
                    seen.add(real)
                    todo.append(entry.path)


def _key_files(part: Part) -> Iterator[tuple[str, str]]:
    """A driver opens these as the worker, and says in its messages what it found."""
    for pointer, text in part.strings():
        plain = unquote(unquote(text))
        for _, path in _KEY_FILE.findall(plain) if "jdbc:" in plain.lower() else ():
            yield pointer, re.sub("^file:/*", "/", path.strip("'\""), flags=re.I)


def _sqlite_files(part: Part) -> Iterator[tuple[str, str]]:
    for pointer, text in part.strings():
        _, found, rest = _cut(text, SQLITE)
        if found:
            path = rest.strip().partition("?")[0]
            yield pointer, unquote(path.removeprefix("file:")) if path.startswith("file:") else path


def _cut(text: str, mark: str) -> tuple[str, str, str]:
    """Like `partition`, whatever the case."""
    at = text.lower().find(mark)
    return (text, "", "") if at < 0 else (text[:at], mark, text[at + len(mark) :])


def _sqlite_statements(part: Part) -> Iterator[Refusal]:
    """SQLite's SQL reaches any file of the worker by itself."""
    texts = list(part.strings())
    if not part.name.lower().startswith("sqlite") and not any(_cut(text, SQLITE)[1] for _, text in texts):
        return
    for pointer, text in texts:
        if _OPENS.search(text):
            template = "jobs may not open other files by ATTACH, VACUUM INTO or load_extension; a job works in the file of its jdbcUrl"
            yield pointer, Text(template)


def _local_file_systems(part: Part) -> Iterator[Refusal]:
    """Hadoop takes `file:` for a file system like any other."""
    for pointer, text in part.strings():
        if text.strip().lower().startswith("file:"):
            template = "%(path)r is a file of the worker; jobs name such files by the plugins for files, in FILE_ROOTS"
            yield pointer, Text(template, {"path": text})

"""Files that somebody sends: one by one, or in a ZIP archive made to break what reads it. Nothing is ever written to a disk. Pure."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from datax_job import document as documents
from datax_job.problem import Text

MOST_FILES = 5000
MOST_BYTES = 128 * 1024 * 1024
MOST_DEPTH = 20
MOST_PATH = 1000

# How each entry of an archive's directory begins: how many there are is known before any is read.
_ENTRY = b"PK\x01\x02"
# The others unpack all that a few bytes hold at once.
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 1
# What other programs put beside the files that somebody meant.
_FOREIGN = ("__MACOSX/", "._")
ENDINGS = (".json", ".zip")


@dataclass(frozen=True, slots=True)
class File:
    """`path` is only a name, with `/` between its parts. `refused` says why there is no content."""

    path: str
    content: bytes = b""
    refused: Text | None = None


def read(sent: Iterable[tuple[str, bytes]]) -> list[File]:
    """The JSON files among what was sent, those in archives too. What is no JSON file is passed over."""
    found: list[File] = []
    size = 0
    for file in _every(sent):
        size += len(file.content)
        if len(found) == MOST_FILES or size > MOST_BYTES:
            limit = {"files": MOST_FILES, "size": MOST_BYTES // (1024 * 1024)}
            reason = Text("this and all after it are left out: at most %(files)d files and %(size)d MiB at once", limit)
            return [*found, File(file.path, refused=reason)]
        found.append(file)
    return found


def _every(sent: Iterable[tuple[str, bytes]]) -> Iterator[File]:
    for name, content in sent:
        path = _path(name)
        if path.lower().endswith(".zip"):
            yield from _unpacked(path, content)
        elif wanted(path):
            yield _checked(path, content)


def _unpacked(path: str, content: bytes) -> Iterator[File]:
    if content.count(_ENTRY) > 4 * MOST_FILES:
        yield File(path, refused=Text("the archive holds too many files"))
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                name = _path(entry.filename)
                if not entry.is_dir() and wanted(name) and not name.lower().endswith(".zip"):
                    yield _entry(archive, entry, name)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError):
        yield File(path, refused=Text("this is no ZIP archive that can be read"))


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> File:
    if entry.flag_bits & _ENCRYPTED:
        return File(path, refused=Text("the file is encrypted in its archive"))
    if entry.compress_type not in _METHODS:
        return File(path, refused=Text("the file is packed in a way that is not read here; pack it with deflate"))
    try:
        with archive.open(entry) as opened:
            # What the archive says of its size is not believed.
            return _checked(path, opened.read(documents.MAX_BYTES + 1))
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return File(path, refused=Text("the file is damaged in its archive"))


def _checked(path: str, content: bytes) -> File:
    if path.count("/") > MOST_DEPTH or len(path) > MOST_PATH:
        return File(path[:MOST_PATH], refused=Text("the file lies too deep in folders"))
    if len(content) > documents.MAX_BYTES:
        limit = {"limit": documents.MAX_BYTES // (1024 * 1024)}
        return File(path, refused=Text("the document is larger than %(limit)d MiB", limit))
    return File(path, content)


def _path(name: str) -> str:
    """A name with `/` between its parts, without those that would lead out of a folder."""
    parts = name.replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in {"", ".", ".."})


def wanted(path: str) -> bool:
    """Whether a job may lie there."""
    hidden = any(part.startswith(".") for part in path.split("/"))
    return path.lower().endswith(ENDINGS) and not hidden and not path.startswith(_FOREIGN)

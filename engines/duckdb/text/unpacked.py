"""A file's bytes as UTF-8 text, whatever it is packed in and whatever its character set."""

import codecs
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO

from engines.duckdb.failure import Failure
from engines.duckdb.text.charsets import errors

# Small enough that a passing block fits into the place of an earlier one: larger ones left holes, and memory grew with the file.
CHUNK = 1 << 17


def utf8_chunks(path: str, compress: str | None, codec: str) -> Iterator[bytes]:
    """The file in pieces. Text in UTF-8 is not touched here, broken or not."""
    try:
        with open(path, "rb") as file:
            pieces = _UNPACK[compress](file)
            yield from pieces if codec == "utf-8" else _recoded(pieces, codec)
    except PermissionError as error:
        values = {"path": path, "reason": error.strerror}
        raise Failure("TxtFileReader-06", "The file %(path)s cannot be opened: %(reason)s.", values) from error
    except (OSError, EOFError, zlib.error, ValueError, RuntimeError, NotImplementedError) as error:
        values = {"path": path, "reason": str(error) or type(error).__name__, "compress": compress or "no compression"}
        template = "The file %(path)s cannot be read as %(compress)s: %(reason)s."
        raise Failure("UnstructuredStorageReader-09", template, values) from error


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece


def _gzip(file: BinaryIO) -> Iterator[bytes]:
    import gzip

    with gzip.GzipFile(fileobj=file) as unpacked:
        yield from _pieces(unpacked)  # type: ignore[arg-type]


def _bzip2(file: BinaryIO) -> Iterator[bytes]:
    import bz2

    with bz2.BZ2File(file) as unpacked:
        yield from _pieces(unpacked)


def _zip(file: BinaryIO) -> Iterator[bytes]:
    """All files in the archive, one after another, as one text."""
    import zipfile

    try:
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    with archive.open(entry) as unpacked:
                        yield from _pieces(unpacked)
    except zipfile.BadZipFile as error:
        raise ValueError(str(error)) from error


_MARKS = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}
_UNPACK = {None: _pieces, "gzip": _gzip, "bzip2": _bzip2, "zip": _zip}


def _recoded(pieces: Iterator[bytes], codec: str) -> Iterator[bytes]:
    first = next(pieces, b"")
    # Without a mark Java takes the big end first, Python the machine's.
    if not first.startswith(_MARKS.get(codec, b"")):
        codec = f"{codec}-be"
    decoder = codecs.getincrementaldecoder(codec)(errors(codec))
    yield decoder.decode(first).encode()
    for piece in pieces:
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", final=True).encode()

"""The job document: its text, its value, and where in the text each part of the value stands."""

import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from datax_job import pointers, slips
from datax_job.plain import DECODER, DOUBTFUL_ESCAPE, MAX_DEPTH, MAX_NUMBER_CHARACTERS, too_deep
from datax_job.problem import DocumentError, Problem, Severity, Text

if TYPE_CHECKING:
    from datax_job.places import Places

# The careful reader, and what tells places by it, are imported where they are needed: its patterns take 20 ms to compile, and what
# an engine is given to run is plain JSON.

MAX_BYTES = 8 * 1024 * 1024
_TOO_LARGE = Text("the document is larger than %(limit)d MiB", {"limit": MAX_BYTES // (1024 * 1024)})


class Document:
    """A parsed document. `text` is as it was given, without a byte order mark; `value` is plain data."""

    def __init__(self, text: str, value: dict[str, Any]) -> None:
        self.text = text
        self.value = value

    def position(self, pointer: str) -> tuple[int, int] | None:
        """Line and column of a value, both from 1. What is not there has the place of its nearest ancestor."""
        if pointer and not pointer.startswith("/"):
            return None
        return self.places.position(pointer)

    def problem(self, pointer: str, text: Text, severity: Severity = Severity.ERROR) -> Problem:
        return Problem(pointer, text, severity, *(self.position(pointer) or (None, None)))

    @cached_property
    def places(self) -> "Places":
        from datax_job.places import Places

        return Places(self.text)


_BOM = "\ufeff"
_UTF_8_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = [(b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"), (b"\x00\x00\xfe\xff", "UTF-32")]
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(source: str | bytes | Mapping[str, Any]) -> Document:
    """Read a document. Raises DocumentError, which says what is wrong and where.

    What is accepted beside plain JSON is told in `syntax`. A dict is taken as the JSON text that it would be written as.
    """
    if isinstance(source, Mapping):
        text = _written(source)
    else:
        text = _decoded(source) if isinstance(source, bytes) else source
        text = text.removeprefix(_BOM)
    _limit(text)
    document = _plain(text) or _careful(text)
    if not isinstance(document.value, dict):
        raise _refused(text, 0, Text('the document must be one object, {"job": {…}}'))
    return document


def _plain(text: str) -> Document | None:
    """The quick way, by the C scanner. None when there is anything in it that it would not judge as `Reader` does."""
    if DOUBTFUL_ESCAPE.search(text):
        return None
    try:
        value = DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return Document(text, value) if isinstance(value, dict) and not too_deep(value) else None


def _careful(text: str) -> Document:
    from datax_job.syntax import Broken, Reader

    try:
        value = Reader(text).document()
    except Broken as broken:
        raise _refused(text, broken.offset, broken.text, pointers.join(broken.keys)) from None
    return Document(text, value)


def _refused(text: str, offset: int, reason: Text, pointer: str = "") -> DocumentError:
    from datax_job import places, syntax

    line, column = places.position(syntax.line_starts(text), offset)
    return DocumentError([Problem(pointer, reason, Severity.ERROR, line, column)])


def _limit(text: str) -> None:
    size = len(text) if len(text) > MAX_BYTES else len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise DocumentError([Problem("", _TOO_LARGE)])
    if found := _SURROGATE.search(text):
        # This half of them stands for a byte that could not be decoded where the text was read from.
        undecoded = "\udc80" <= found[0] <= "\udcff"
        reason = _not_utf_8(ord(found[0]) & 0xFF) if undecoded else slips.no_character(found[0])
        raise _refused(text, found.start(), reason)


def _decoded(source: bytes) -> str:
    if len(source) > MAX_BYTES + len(_UTF_8_BOM):
        raise DocumentError([Problem("", _TOO_LARGE)])
    for bom, encoding in _OTHER_BOMS:
        if source.startswith(bom):
            values = {"encoding": encoding}
            raise _refused("", 0, Text("the document is written in %(encoding)s; save it as UTF-8", values))
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("utf-8")
        raise _refused(before, len(before), _not_utf_8(source[error.start])) from None


def _not_utf_8(byte: int) -> Text:
    return Text("the byte %(byte)s is not UTF-8; save the document as UTF-8", {"byte": f"0x{byte:02X}"})


def _written(source: Mapping[str, Any]) -> str:
    _require_plain_data(source)
    return json.dumps(source, ensure_ascii=False, indent=2)


def _require_plain_data(source: Mapping[str, Any]) -> None:
    """Refuse what cannot be written as JSON, before the writer meets it: other types, circles, endless sharing."""
    todo: list[tuple[str, Any, int]] = [("", source, 1)]
    size = 0
    while todo:
        pointer, value, depth = todo.pop()
        # The least that it will take when written: its indentation and a character.
        size += 2 * depth
        if (reason := _not_data(value, depth, size)) is not None:
            raise DocumentError([Problem(pointer, reason)])
        if isinstance(value, dict):
            todo += [(pointers.child(pointer, str(key)), each, depth + 1) for key, each in value.items()]
        elif isinstance(value, list | tuple):
            todo += [(pointers.child(pointer, index), each, depth + 1) for index, each in enumerate(value)]


def _not_data(value: Any, depth: int, size: int) -> Text | None:
    if size > MAX_BYTES:
        return _TOO_LARGE
    if isinstance(value, dict | list | tuple):
        if depth > MAX_DEPTH:
            return Text("the document is nested more than %(depth)d levels deep", {"depth": MAX_DEPTH})
        named = not isinstance(value, dict) or all(isinstance(key, str) for key in value)
        return None if named else Text("a name in an object must be text")
    if isinstance(value, int) and value.bit_length() > MAX_NUMBER_CHARACTERS * 3:
        return Text("the number is too long")
    if value is None or isinstance(value, str | int | float):
        return None
    return Text("%(type)s is no kind of value that JSON has", {"type": type(value).__name__})

"""Where in a document's text its secrets stand, so that a mask or a ciphertext can take their place and the rest stays as it is."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from datax_job import document as documents
from datax_job import secrets as secret_parts
from datax_job.document import Document
from datax_job.problem import DocumentError
from datax_job.secrets import PLACEHOLDER, is_secret_name

_STRING_OR_COMMENT = re.compile(
    r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|(?P<open>//|/\*)(?P<comment>(?<=//)[^\r\n]*+|(?<=/\*).*?(?=\*/))",
    re.DOTALL,
)
# A member in a text that cannot be parsed: its name, and its value where the name is a secret's. What is not closed goes on to
# the end of the text.
_NAME = re.compile(r"(?P<quote>[\"']?)(?P<name>[\w.*$-]{1,64}+)(?P=quote)\s*+[:=]\s*+")
_VALUE = re.compile(
    r"\"(?:[^\"\\]|\\.)*+\"?|'(?:[^'\\]|\\.)*+'?|\[[^\]]*+\]?|\{[^}]*+\}?|[^\s,}\]]++",
    re.DOTALL,
)

# Set around each credential to see where it stands; no text of a document needs them.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARKS = re.compile(f"[{_OPEN}{_CLOSE}]")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """From `start` to `end`; `literal` says that this is a whole value of a document that can be read, with its quotes."""

    start: int
    end: int
    literal: bool = False


def find(text: str) -> list[Place]:
    """The secrets of any text, in its order, none within another."""
    try:
        document = documents.parse(text)
    except DocumentError:
        return _joined(_roughly(text))
    before = len(text) - len(document.text)
    return _joined(Place(before + each.start, before + each.end, each.literal) for each in _of_document(document))


def _of_document(document: Document) -> Iterator[Place]:
    for pointer, item, secret in secret_parts.found_in(document.value):
        parts = list(_credentials(item)) if isinstance(item, str) and not secret else []
        if secret or parts:
            start = document.places.start(pointer)
            end = document.places.end(start)
            plain = document.text[start + 1 : end - 1] == item
            if secret or not plain:
                yield Place(start, end, literal=True)
            else:
                yield from (Place(start + 1 + at, start + 1 + until) for at, until in parts)
    yield from _in_comments(document.text)


def _in_comments(text: str) -> Iterator[Place]:
    for found in _STRING_OR_COMMENT.finditer(text):
        if found["open"] is not None:
            at = found.start("comment")
            yield from (Place(at + each.start, at + each.end) for each in _roughly(found["comment"]))


def _roughly(text: str) -> Iterator[Place]:
    at = 0
    for named in _NAME.finditer(text):
        value = _VALUE.match(text, named.end()) if named.start() >= at and is_secret_name(named["name"]) else None
        if value is not None:
            yield Place(value.start(), value.end())
            at = value.end()
    yield from (Place(start, end) for start, end in _credentials(text))


def _credentials(text: str) -> Iterator[tuple[int, int]]:
    """Where the credentials of URLs and SQL begin and end. In a text that holds the marks themselves, that is all of it."""
    marked = secret_parts.marked(text, _OPEN, _CLOSE)
    if marked == text:
        return
    if _MARKS.search(text):
        yield 0, len(text)
        return
    depth = start = 0
    for number, mark in enumerate(_MARKS.finditer(marked)):
        if depth == 0:
            start = mark.start() - number
        depth += 1 if mark[0] == _OPEN else -1
        if depth == 0 and not PLACEHOLDER.fullmatch(text, start, mark.start() - number):
            yield start, mark.start() - number


def _joined(places: Iterable[Place]) -> list[Place]:
    joined: list[Place] = []
    for place in sorted(places, key=lambda each: (each.start, -each.end)):
        if joined and place.start < joined[-1].end:
            last = joined[-1]
            if place.end > last.end:
                joined[-1] = Place(last.start, place.end)
        elif place.end > place.start:
            joined.append(place)
    return joined

"""Where things are in a log: which line an offset is in, where a line begins, which lines say something.

Parts know how many line breaks are before them, so the first two take a look into one part, however long the log is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from heapq import merge
from itertools import islice

from webapp.logs.content import Content
from webapp.logs.parts import Gap, Part

# One call looks through so many bytes at the most, in some tenths of a second.
MOST_BYTES = 32 * 1024 * 1024
# What begins in one slice may end in the next.
OVERLAP_BYTES = 4096

# Gives, in order, where in a chunk a line begins to be one that is looked for; lines are told apart by the caller.
Lines = Callable[[bytes], Iterator[int]]

_LEVELS = (b"ERROR", b"FATAL", b"SEVERE")
# The level stands near the start of a line, behind the time and the thread; further on it is a word of somebody's data.
_LEVEL_WITHIN_BYTES = 100
_WORD = re.compile(rb"\w")
# What stands above a stack trace.
_BEGINNINGS = (b"Caused by: ", b"Traceback (", b"Exception in thread ")


@dataclass(frozen=True, slots=True)
class Place:
    """A line, and where in the log something in it is."""

    line: int
    offset: int


@dataclass(frozen=True, slots=True)
class Found:
    """Lines in order; `next_offset` is where to look on."""

    places: list[Place]
    next_offset: int


def text(wanted: str) -> Lines:
    """Lines that hold a text; the case of the letters A to Z does not matter."""
    needle = wanted.encode("utf-8", "replace").lower()
    return lambda chunk: _each(chunk.lower(), needle)


def errors(chunk: bytes) -> Iterator[int]:
    """Lines of level ERROR or worse, and what stands above a stack trace. Six plain searches take a seventh of one by a pattern."""
    levels = (filter(partial(_is_level, chunk, len(word)), _each(chunk, word)) for word in _LEVELS)
    beginnings = (filter(partial(_is_beginning, chunk), _each(chunk, word)) for word in _BEGINNINGS)
    return merge(*levels, *beginnings)


def _each(chunk: bytes, needle: bytes) -> Iterator[int]:
    """The first place in each line that has one."""
    at = 0
    while (at := chunk.find(needle, at)) >= 0:
        yield at
        at = chunk.find(b"\n", at) + 1 or len(chunk)


def _is_level(chunk: bytes, length: int, at: int) -> bool:
    around = chunk[max(0, at - 1) : at] + chunk[at + length : at + length + 1]
    return _WORD.search(around) is None and (
        at <= _LEVEL_WITHIN_BYTES or b"\n" in chunk[at - _LEVEL_WITHIN_BYTES - 1 : at]
    )


def _is_beginning(chunk: bytes, at: int) -> bool:
    return at == 0 or chunk[at - 1 : at] == b"\n"


def breaks_before(content: Content, offset: int) -> int:
    """The line breaks before an offset, as far as they are known: those in what a full disk did not take are not."""
    part = content.parts.at(offset)
    if isinstance(part, Gap):
        part = content.parts.at(part.end)
    part = part or content.parts.last
    if not isinstance(part, Part):
        return 0
    end = min(max(offset, part.start), part.end)
    return part.lines + sum(chunk.count(b"\n") for _, chunk in content.slices(part, part.start, end))


def after_break(content: Content, number: int) -> int:
    """The offset behind a line break, the first being 1; the end of what is there where it is missing."""
    part = content.parts.with_break(number) if number > 0 else None
    if part is None:
        return 0
    missing = number - part.lines
    for at, chunk in content.slices(part, part.start, part.end):
        if (count := chunk.count(b"\n")) >= missing:
            return at + _behind(chunk, missing)
        missing -= count
    return part.end


def find(content: Content, lines: Lines, offset: int, most: int) -> Found:
    """At most `most` lines, in a bounded number of bytes from an offset on. A line that the bound cuts may be found twice."""
    begin = part.end if isinstance(part := content.parts.at(offset), Gap) else offset
    end = max(begin, min(begin + MOST_BYTES, content.parts.size))
    places = list(islice(_places(content, lines, begin, end), most + 1))
    return Found(places[:most], places[most].offset if len(places) > most else end)


def _places(content: Content, lines: Lines, begin: int, end: int) -> Iterator[Place]:
    """One for each line: of several in it the first."""
    last = 0
    for offset, chunk, line in _numbered(content, begin, end):
        seen = 0
        for start in lines(chunk + _following(content, offset + len(chunk))):
            if start >= len(chunk):
                break
            line, seen = line + chunk.count(b"\n", seen, start), start
            if line != last:
                yield Place(line, offset + start)
            last = line


def _numbered(content: Content, begin: int, end: int) -> Iterator[tuple[int, bytes, int]]:
    """The log in slices, each with its offset and with the number of the line that it begins in."""
    at = begin
    while at < end and (part := content.parts.at(at)) is not None:
        if isinstance(part, Part):
            line = breaks_before(content, at) + 1
            for offset, chunk in content.slices(part, at, min(part.end, end)):
                yield offset, chunk, line
                line += chunk.count(b"\n")
        at = part.end


def _following(content: Content, offset: int) -> bytes:
    part = content.parts.at(offset)
    return content.read(part, offset, min(part.end, offset + OVERLAP_BYTES)) if isinstance(part, Part) else b""


def _behind(chunk: bytes, number: int) -> int:
    """The index behind the so many-th line break."""
    at = 0
    for _ in range(number):
        at = chunk.index(b"\n", at) + 1
    return at

"""What differs between two versions of a job, line by line and field by field. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

_LINE_END = re.compile(r"\r\n|\r|\n")
# Around each change so many lines are shown that are the same.
CONTEXT = 3
# The comparison takes time by the square of the lines: of larger parts all are said to be others.
MOST_COMPARED = 3000
MOST_SHOWN = 5000
MOST_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """`kind` is `same`, `removed`, `added`, or `gap` for lines that are left out: they are the same, or too many."""

    kind: str
    text: str
    old: int | None = None
    new: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A field with another value; None where there was none."""

    name: str
    before: str | None
    after: str | None


def lines(old: str, new: str) -> list[Line]:
    """As `diff -u` would have it, at most so many."""
    found: list[Line] = []
    for line in _lines(_LINE_END.split(old), _LINE_END.split(new)):
        if len(found) == MOST_SHOWN:
            return [*found, Line("gap", "")]
        found.append(line)
    return found


def fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """By name; what is the same is left out."""
    names = dict.fromkeys([*old, *new])
    every = (Change(name, _said(old.get(name)), _said(new.get(name))) for name in names)
    return [change for change in every if change.before != change.after]


def _lines(old: list[str], new: list[str]) -> Iterator[Line]:
    begin = _alike(zip(old, new, strict=False))
    end = _alike(zip(reversed(old[begin:]), reversed(new[begin:]), strict=False))
    operations = [
        ("equal", 0, begin, 0, begin),
        *_moved(old[begin : len(old) - end], new[begin : len(new) - end], begin),
        ("equal", len(old) - end, len(old), len(new) - end, len(new)),
    ]
    if all(kind == "equal" for kind, *_ in operations):
        return
    for number, (kind, i, j, k, m) in enumerate(operations):
        if kind == "equal":
            yield from _unchanged(old, i, j, k, first=number == 0, last=number == len(operations) - 1)
        else:
            yield from (_line("removed", old[at], at + 1, None) for at in range(i, j))
            yield from (_line("added", new[at], None, at + 1) for at in range(k, m))


def _moved(old: list[str], new: list[str], by: int) -> list[tuple[str, int, int, int, int]]:
    if not old and not new:
        return []
    if len(old) > MOST_COMPARED or len(new) > MOST_COMPARED:
        return [("replace", by, by + len(old), by, by + len(new))]
    found = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(kind, i + by, j + by, k + by, m + by) for kind, i, j, k, m in found]


def _unchanged(old: list[str], start: int, end: int, new: int, *, first: bool, last: bool) -> Iterator[Line]:
    """The ends of a part that is the same, those that border on a change."""
    head = 0 if first else CONTEXT
    tail = 0 if last else CONTEXT
    for at in range(start, end):
        if at - start < head or end - at <= tail:
            yield _line("same", old[at], at + 1, at - start + new + 1)
        elif at - start == head:
            yield Line("gap", "")


def _line(kind: str, text: str, old: int | None, new: int | None) -> Line:
    shown = text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + " …"
    return Line(kind, shown, old, new)


def _alike(pairs: Iterator[tuple[str, str]]) -> int:
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count


def _said(value: Any) -> str | None:
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, list):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

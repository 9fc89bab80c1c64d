"""Names of tables as jobs write them, and the ranges that a table is split into. Pure."""

import re
from collections.abc import Sequence

_RANGE = re.compile(r"(\w+\.)?(\w+)\[(\d+)-(\d+)\](.*)")
_ASCII = 128
# Keys often share their first characters; more than these need not differ for an even split.
TEXT_WIDTH = 24


def expand(names: Sequence[str]) -> list[str]:
    """`t[0-2]` is t0, t1, t2, `t[00-02]` is t00, t01, t02; a comma parts names."""
    return [table for name in names for part in name.split(",") for table in _expanded(part.strip())]


def _expanded(name: str) -> list[str]:
    match = _RANGE.fullmatch(name)
    if match is None:
        return [name] if name else []
    schema, stem, first, last, rest = match.groups()
    if int(first) > int(last):
        first, last = last, first
    width = len(first) if first.startswith("0") else 0
    return [f"{schema or ''}{stem}{number:0{width}d}{rest.strip()}" for number in range(int(first), int(last) + 1)]


def number_borders(least: int, most: int, parts: int) -> list[int]:
    """The keys at which to cut, so that about `parts` ranges of the same width come about."""
    width = most - least
    return sorted({least + width * number // parts for number in range(1, parts)} - {least})


def text_borders(least: str, most: str, parts: int) -> list[str]:
    """The same for texts, taken as numbers by their first characters; to be compared by code points, whatever the column's collation."""
    bounds = number_borders(_number(least), _number(most), parts)
    return [border for border in sorted({_text(bound) for bound in bounds}) if border and border != least]


def _number(text: str) -> int:
    value = 0
    for character in text[:TEXT_WIDTH].ljust(TEXT_WIDTH, "\0"):
        value = value * _ASCII + min(ord(character), _ASCII - 1)
    return value


def _text(number: int) -> str:
    """Letters, digits and what stands between them: a border needs not be exact, and so goes into any SQL."""
    characters = []
    for _ in range(TEXT_WIDTH):
        number, code = divmod(number, _ASCII)
        characters.append(chr(code))
    return "".join(character if character.isalnum() else "0" for character in reversed(characters)).rstrip("0")

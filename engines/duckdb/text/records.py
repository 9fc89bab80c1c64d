"""The records of a delimited text, by the rules of the parser in DataX (javacsv with its settings).

A cell is quoted only if the quote stands first in it, blanks aside; after the closing quote everything up to the delimiter is
dropped; blanks around an unquoted cell go; an empty line is no record, a line of blanks is a record of one empty cell.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from engines.duckdb.text import escapes


@dataclass(frozen=True)
class Rules:
    """`quote` is empty where quotes mean nothing, `comment` where there are no comments. `escapes`: a backslash is one."""

    delimiter: str = ","
    quote: str = '"'
    trim: bool = True
    skip_empty: bool = True
    comment: str = ""
    escapes: bool = False

    @cached_property
    def blanks(self) -> str:
        """What counts as blank around a cell: never the delimiter itself."""
        return "".join(each for each in " \t" if each != self.delimiter) if self.trim else ""

    @property
    def ends(self) -> str:
        """What ends a cell."""
        return f"{self.delimiter}\r\n"

    @cached_property
    def quoted(self) -> "re.Pattern[str] | None":
        """The start of a quoted cell up to its closing quote, which is not taken."""
        if not self.quote:
            return None
        quote = re.escape(self.quote)
        blank = f"[{self.blanks}]*+" if self.blanks else ""
        return re.compile(f"{blank}{quote}([^{quote}]*+(?:{quote}{quote}[^{quote}]*+)*+)")

    @cached_property
    def plain(self) -> "re.Pattern[str]":
        """Everything up to the next delimiter or line end."""
        return re.compile(f"[^{re.escape(self.ends)}]*+")


class Unfinished(Exception):
    """The text ends within a record, and more may follow."""


def parse(text: str, place: int, last: bool, rules: Rules) -> tuple[list[str], int]:
    """The record that begins at `place`, and where the next begins. `last`: nothing follows the text."""
    cells: list[str] = []
    while True:
        cell, place = _cell(text, place, last, rules)
        cells.append(cell)
        if place == len(text):
            if not last:
                raise Unfinished
            return cells, place
        ends = text[place]
        place += 1
        if ends != rules.delimiter:
            return cells, place
        if place == len(text):
            if not last:
                raise Unfinished
            return [*cells, ""], place


def _cell(text: str, place: int, last: bool, rules: Rules) -> tuple[str, int]:
    if rules.escapes:
        start = _after_blanks(text, place, rules)
        if not rules.quote:
            return escapes.bare(text, start, rules.ends, rules.trim)
        if text.startswith(rules.quote, start):
            return escapes.quoted(text, start + 1, rules.quote, rules.ends)
    quoted, blanks = rules.quoted, rules.blanks
    found = quoted.match(text, place) if quoted else None
    if found is None:
        end = rules.plain.match(text, place)
        assert end is not None, "an empty cell matches too"
        return end[0].strip(blanks) if blanks else end[0], end.end()
    place = found.end()
    if not last and place + 1 >= len(text):
        raise Unfinished
    junk = rules.plain.match(text, place + 1)
    return found[1].replace(rules.quote * 2, rules.quote), junk.end() if junk else len(text)


def _after_blanks(text: str, place: int, rules: Rules) -> int:
    """Where a cell or a comment begins: blanks before it mean nothing, if so set."""
    while place < len(text) and text[place] in rules.blanks:
        place += 1
    return place


def records(text: str, place: int, last: bool, rules: Rules) -> Iterator[tuple[list[str], int]]:
    """Each record from `place` on, with the place after it. Raises Unfinished at a record that needs more text."""
    while place < len(text):
        first = text[place]
        if first in "\r\n":
            place += 1
            # A line feed right after a carriage return ends the same line.
            paired = first == "\n" and place > 1 and text[place - 2] == "\r"
            if not rules.skip_empty and not paired:
                yield [""], place
        elif rules.comment and text.startswith(rules.comment, _after_blanks(text, place, rules)):
            end = re.compile(r"[\r\n]").search(text, place)
            if end is None and not last:
                raise Unfinished
            place = end.end() if end else len(text)
        else:
            cells, place = parse(text, place, last, rules)
            yield cells, place

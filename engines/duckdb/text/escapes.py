"""A cell in which a backslash gives the character after it another meaning: `escapeMode` 2 of the parser in DataX (javacsv 2.0).

It has that power between quotes, and everywhere where quotes mean nothing; in a cell that might be quoted and is not it is a backslash.
What is odd here (a quote or an escape after the closing quote, blanks after an escape) is so there; the order of the questions matters.
"""

import re
from dataclasses import dataclass

BACKSLASH = "\\"
_MEANT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "e": "\x1b", "v": "\v", "a": "\a"}
# The base of the number that follows, and its digits.
_NUMBERS = {"u": (16, 4), "x": (16, 2), "o": (8, 3), "d": (10, 3)}
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass
class _Number:
    """A UTF-16 unit that is written as a number."""

    base: int
    left: int
    value: int = 0

    def take(self, digit: str) -> str:
        """The character, once it is whole; else nothing."""
        self.value = (self.value * self.base + self._worth(digit)) & 0xFFFF
        self.left -= 1
        return "" if self.left else chr(self.value)

    def _worth(self, digit: str) -> int:
        if self.base == 16 and digit >= "A":
            return ord(digit) - ord("a" if digit >= "a" else "A") + 10
        return ord(digit) - ord("0")


def _number(letter: str) -> _Number | None:
    if "0" <= letter <= "7":
        return _Number(8, 2, int(letter))
    found = _NUMBERS.get(letter.lower())
    return _Number(*found) if found else None


def quoted(text: str, place: int, quote: str, ends: str) -> tuple[str, int]:
    """The cell whose opening quote stands before `place`, and where it ends: at one of the characters `ends`, or with the text."""
    kept: list[str] = []
    since: list[str] = []
    number: _Number | None = None
    escaped = closed = False
    usual = re.compile(f"[^{re.escape(quote)}\\\\]+")
    while place < len(text):
        letter = text[place]
        place += 1
        if number:
            kept.append(number.take(letter))
            number = number if number.left else None
        elif letter == quote and escaped:
            since.append(letter)
            closed = escaped = False
        elif letter == quote:
            kept += since
            since.clear()
            closed = True
        elif escaped:
            number, escaped = _number(letter), False
            _mean(letter, kept, since)
        elif letter == BACKSLASH:
            kept += since
            since.clear()
            escaped = True
        elif closed and letter not in ends:
            # What stands between the quote and the end is dropped.
            since.clear()
            place = _end(text, place, ends)
            break
        elif closed:
            place -= 1
            break
        else:
            end = usual.match(text, place - 1).end()  # type: ignore[union-attr]  # it matches this letter
            since.append(text[place - 1 : end])
            place = end
    return _joined([*kept, *since]), place


def bare(text: str, place: int, ends: str, trim: bool) -> tuple[str, int]:
    """The same for a cell where quotes mean nothing. `trim`: blanks after it go; those before it are gone already."""
    kept: list[str] = []
    since: list[str] = []
    number: _Number | None = None
    escaped = False
    usual = re.compile(f"[^{re.escape(ends)}\\\\]+")
    while place < len(text):
        letter = text[place]
        place += 1
        if letter == BACKSLASH:
            if escaped:
                since.append(letter)
            else:
                kept += since
                since.clear()
            escaped = not escaped
        elif number:
            # A backslash between the digits, of which two make one, goes with them.
            since.clear()
            kept.append(number.take(letter))
            number = number if number.left else None
        elif escaped:
            number, escaped = _number(letter), False
            _mean(letter, kept, since)
        elif letter in ends:
            place -= 1
            break
        else:
            end = usual.match(text, place - 1).end()  # type: ignore[union-attr]  # it matches this letter
            since.append(text[place - 1 : end])
            place = end
    found, tail = _joined(kept), "".join(since)
    if not trim:
        return found + tail, place
    # After an escape javacsv looks for spaces only, else for tabs too.
    return (found + tail).rstrip(" ") if found else tail.rstrip(" \t"), place


def _mean(letter: str, kept: list[str], since: list[str]) -> None:
    """Add what a letter behind a backslash means, unless it begins a number."""
    if letter in _MEANT:
        kept.append(_MEANT[letter])
    elif not _number(letter):
        since.append(letter)


def _end(text: str, place: int, ends: str) -> int:
    while place < len(text) and text[place] not in ends:
        place += 1
    return place


def _joined(parts: list[str]) -> str:
    """Halves of a character that were written one by one make it whole; one alone is what Java prints for it."""
    text = "".join(parts)
    if not _SURROGATES.search(text):
        return text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return _SURROGATES.sub("?", whole)

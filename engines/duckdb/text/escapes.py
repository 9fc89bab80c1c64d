"""A cell in which a backslash gives the character after it another meaning: `escapeMode` 2 of the parser in DataX (javacsv 2.0).

It has that power between quotes, and everywhere where quotes mean nothing; in a cell that might be quoted and is not it is a backslash.
What is odd here (a quote or an escape after the closing quote, blanks after an escape) is so there; the order of the questions matters.
"""

import re
from dataclasses import dataclass, field

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


@dataclass
class _Value:
    """What has been read of a cell: `kept` for good, and what has come `since`, which may yet be dropped."""

    kept: list[str] = field(default_factory=list)
    since: list[str] = field(default_factory=list)
    number: _Number | None = None

    def keep(self) -> None:
        self.kept += self.since
        self.since.clear()

    def digit(self, letter: str) -> None:
        """The next of the number that is being read."""
        assert self.number is not None
        self.kept.append(self.number.take(letter))
        if not self.number.left:
            self.number = None

    def escape(self, letter: str) -> None:
        """What a letter behind a backslash means: a character, itself, or that a number begins."""
        self.number = _number(letter)
        if letter in _MEANT:
            self.kept.append(_MEANT[letter])
        elif not self.number:
            self.since.append(letter)

    def run(self, usual: "re.Pattern[str]", text: str, place: int) -> int:
        """Take what means nothing but itself, one character at least, from `place` on. Returns where it ends."""
        found = usual.match(text, place)
        assert found is not None, "its first character is such a one"
        self.since.append(found[0])
        return found.end()


def quoted(text: str, place: int, quote: str, ends: str) -> tuple[str, int]:
    """The cell whose opening quote stands before `place`, and where it ends: at one of the characters `ends`, or with the text."""
    value = _Value()
    escaped = closed = False
    usual = re.compile(f"[^{re.escape(quote)}\\\\]+")
    while place < len(text):
        letter = text[place]
        if value.number:
            value.digit(letter)
        elif letter == quote and escaped:
            value.since.append(letter)
            closed = escaped = False
        elif letter == quote:
            value.keep()
            closed = True
        elif escaped:
            value.escape(letter)
            escaped = False
        elif letter == BACKSLASH:
            value.keep()
            escaped = True
        elif not closed:
            place = value.run(usual, text, place)
            continue
        elif letter in ends:
            break
        else:
            # What stands between the quote and the end is dropped.
            value.since.clear()
            place = _end(text, place, ends)
            break
        place += 1
    return _joined([*value.kept, *value.since]), place


def bare(text: str, place: int, ends: str, trim: bool) -> tuple[str, int]:
    """The same for a cell where quotes mean nothing. `trim`: blanks after it go; those before it are gone already."""
    value = _Value()
    escaped = False
    usual = re.compile(f"[^{re.escape(ends)}\\\\]+")
    while place < len(text):
        letter = text[place]
        if letter == BACKSLASH:
            if escaped:
                value.since.append(letter)
            else:
                value.keep()
            escaped = not escaped
        elif value.number:
            # A backslash between the digits, of which two make one, goes with them.
            value.since.clear()
            value.digit(letter)
        elif escaped:
            value.escape(letter)
            escaped = False
        elif letter in ends:
            break
        else:
            place = value.run(usual, text, place)
            continue
        place += 1
    found, tail = _joined(value.kept), "".join(value.since)
    if not trim:
        return found + tail, place
    # After an escape javacsv looks for spaces only, else for tabs too.
    return (found + tail).rstrip(" ") if found else tail.rstrip(" \t"), place


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

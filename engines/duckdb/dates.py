"""Java's date patterns: what they print, what they read, and how DuckDB does the same.

Java reads leniently: `2024-13-45` under `yyyy-MM-dd` is 14 February 2025, and what follows the pattern is not looked at.
Dates are microseconds since 1970 on the calendar of the text; no time zone enters, as reading and printing share one in DataX.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

MICROS_PER_SECOND = 1_000_000
MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND
# Java's int: DataX fails on a longer number, so the value counts as unreadable.
INT_MAX = 2**31 - 1

# Per letter and length: how DuckDB's strftime prints the same. A length not listed is refused for printing.
_PRINT = {
    "y": {1: "%Y", 2: "%y", 4: "%Y"},
    "M": {1: "%-m", 2: "%m"},
    "d": {1: "%-d", 2: "%d"},
    "H": {1: "%-H", 2: "%H"},
    "m": {1: "%-M", 2: "%M"},
    "s": {1: "%-S", 2: "%S"},
    "S": {3: "%g"},
    "D": {1: "%-j", 3: "%j"},
}
# The usual width of a field, where the fast way takes over: exactly so many digits.
_USUAL = {"y": 4, "M": 2, "d": 2, "H": 2, "m": 2, "s": 2}
_STRPTIME = {"y": "%Y", "M": "%m", "d": "%d", "H": "%H", "m": "%M", "s": "%S"}
_READABLE = "yMdHkKmsS"


@dataclass(frozen=True, slots=True)
class Field:
    """A run of one pattern letter, or literal text (`letter` empty)."""

    letter: str
    text: str


class PatternError(ValueError):
    """The pattern holds something that this engine does not do as Java does."""


def fields(pattern: str) -> list[Field]:
    """A pattern in its parts. Text between quotes is literal, two quotes are one."""
    found: list[Field] = []
    for match in re.finditer(r"''|'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'", pattern):
        text = match.group()
        if match.group(2):
            found.append(Field(match.group(2), text))
        elif text == "'":
            raise PatternError(pattern)
        else:
            found.append(Field("", "'" if text == "''" else (match.group(1) or text).replace("''", "'")))
    return found


def micros(year: int, month: int = 1, day: int = 1, seconds: int = 0, millis: int = 0) -> int:
    """Microseconds since 1970; month and day may lie outside their range and carry over, as in Java's calendar."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    # Days since 1970-03-01 of a year that begins in March, so that the leap day comes last.
    shifted = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5
    days = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468 + day - 1
    return days * MICROS_PER_DAY + seconds * MICROS_PER_SECOND + millis * 1000


def _from_letters(values: dict[str, int]) -> int:
    hours = values.get("H", values.get("k", values.get("K", 0)))
    hours = 0 if "k" in values and hours == 24 else hours
    seconds = hours * 3600 + values.get("m", 0) * 60 + values.get("s", 0)
    return micros(values.get("y", 1970), values.get("M", 1), values.get("d", 1), seconds, values.get("S", 0))


class JavaDate:
    """One pattern of Java's SimpleDateFormat. Raises PatternError where it cannot be done alike."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.parts: Sequence[Field] = fields(pattern)
        if any(part.letter and part.letter not in _READABLE + "D" for part in self.parts):
            raise PatternError(pattern)

    @cached_property
    def printed(self) -> str:
        """The same for DuckDB's strftime."""
        out = []
        for part in self.parts:
            if part.letter and len(part.text) not in _PRINT.get(part.letter, {}):
                raise PatternError(self.pattern)
            out.append(_PRINT[part.letter][len(part.text)] if part.letter else part.text.replace("%", "%%"))
        return "".join(out)

    @cached_property
    def usual(self) -> tuple[str, str] | None:
        """A regular expression of the usual texts and the strptime that reads them; None where there is no usual text."""
        expression, form, seen = [], [], set()
        for number, part in enumerate(self.parts):
            width = self._usual_width(number)
            if part.letter and (not width or part.letter in seen):
                return None
            seen.add(part.letter)
            expression.append(f"[0-9]{width}" if part.letter else re.escape(part.text))
            form.append(_STRPTIME[part.letter] if part.letter else part.text.replace("%", "%%"))
        return ("".join(expression), "".join(form)) if {"y", "M", "d"} <= seen and self.pattern.isascii() else None

    def _usual_width(self, number: int) -> str:
        """How many digits the field has: as many as it has letters where another follows at once, else also one."""
        part = self.parts[number]
        width = _USUAL.get(part.letter, 0)
        abuts = number + 1 < len(self.parts) and bool(self.parts[number + 1].letter)
        if part.letter == "y" or abuts:
            return f"{{{width}}}" if width == len(part.text) else ""
        return f"{{1,{width}}}" if width and len(part.text) <= width else ""

    def read(self, text: str) -> int | None:
        """What Java's lenient reading makes of `text`, or None where it fails."""
        values: dict[str, int] = {}
        place = 0
        for number, part in enumerate(self.parts):
            if not part.letter:
                if not text.startswith(part.text, place):
                    return None
                place += len(part.text)
                continue
            found = self._number(text, place, number)
            if found is None:
                return None
            values[part.letter], place = found
        return _from_letters(values)

    def _number(self, text: str, place: int, number: int) -> tuple[int, int] | None:
        """The number of the field `number`: as many digits as there are, or as the pattern says where another follows at once."""
        part = self.parts[number]
        while place < len(text) and text[place] in " \t":
            place += 1
        abuts = number + 1 < len(self.parts) and bool(self.parts[number + 1].letter)
        end = place + len(part.text) if abuts else len(text)
        if abuts and end > len(text):
            return None
        match = re.compile(r"-?\d+").match(text, place, end)
        if match is None or abs(int(match.group())) > INT_MAX:
            return None
        value = int(match.group())
        if part.letter == "y" and len(part.text) <= 2 and re.fullmatch(r"\d\d", match.group()):
            value = _century(value)
        return value, match.end()


def _century(two_digits: int) -> int:
    """Java takes the year within 80 years before and 20 years after today."""
    from datetime import date

    start = date.today().year - 80
    year = start - start % 100 + two_digits
    return year if year >= start else year + 100


# What DataX tries on a date without a format, in this order, each only at the start of the text.
_DEFAULTS = [
    re.compile(r"(?P<y>\d+)-(?P<M>\d+)-(?P<d>\d+) (?P<H>\d+):(?P<m>\d+):(?P<s>\d+)(?P<f>\.\d+)?"),
    re.compile(r"(?P<y>\d+)-(?P<M>\d+)-(?P<d>\d+)"),
    re.compile(r"(?P<H>\d+):(?P<m>\d+):(?P<s>\d+)"),
    re.compile(r"(?P<y>\d{4})(?P<M>\d\d)(?P<d>\d+)"),
]


def read_default(text: str) -> int | None:
    """A date without a format. A fraction of a second, which DataX drops, is kept."""
    for expression in _DEFAULTS:
        match = expression.match(text)
        if match is None:
            continue
        found = match.groupdict()
        fraction = found.pop("f", None)
        values = {letter: int(digits) for letter, digits in found.items()}
        if max(values.values()) > INT_MAX:
            return None
        # Not lenient in this alone: 24 o'clock is the midnight that begins the day.
        values["H"] = values.get("H", 0) % 24
        return _from_letters(values) + (int((fraction[1:] + "000000")[:6]) if fraction else 0)
    return None

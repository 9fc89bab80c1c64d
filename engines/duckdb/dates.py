"""Java's date patterns: what they print, what they read, and how DuckDB does the same.

Java reads leniently: `2024-13-45` under `yyyy-MM-dd` is 14 February 2025, and what follows the pattern is not looked at.
Dates are microseconds since 1970 on the calendar of the text; no time zone enters, as reading and printing share one in DataX.
Where a text names its own zone, the date is that of the same instant in DataX's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from engines.duckdb.failure import Failure
from engines.duckdb.javatext import INT_MAX
from engines.duckdb.types import BARE, HALVES, ZONE_HOURS

MICROS_PER_SECOND = 1_000_000
MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND

# Per letter and length: how DuckDB's strftime prints the same. A length not listed is refused for printing.
_PRINT = {
    "y": {1: "%Y", 2: "%y", 4: "%Y"},
    "M": {1: "%-m", 2: "%m"},
    "d": {1: "%-d", 2: "%d"},
    "H": {1: "%-H", 2: "%H"},
    "m": {1: "%-M", 2: "%M"},
    "s": {1: "%-S", 2: "%S"},
    "h": {1: "%-I", 2: "%I"},
    "a": dict.fromkeys(range(1, 5), f"{BARE}%p"),
    "S": {1: f"{BARE}%g", 3: "%g", 6: "000%g"},
    "D": {1: "%-j", 3: "%j"},
    # DataX's zone never changes, so its names are constants.
    "Z": dict.fromkeys(range(1, 6), f"+{ZONE_HOURS:02d}00"),
    "X": {1: f"+{ZONE_HOURS:02d}", 2: f"+{ZONE_HOURS:02d}00", 3: f"+{ZONE_HOURS:02d}:00"},
    "z": dict.fromkeys(range(1, 5), f"GMT+{ZONE_HOURS:02d}:00"),
}
# The usual width of a field, where the fast way takes over: exactly so many digits.
_USUAL = {"y": 4, "M": 2, "d": 2, "H": 2, "m": 2, "s": 2}
_STRPTIME = {"y": "%Y", "M": "%m", "d": "%d", "H": "%H", "m": "%M", "s": "%S"}
_NUMBERS = "yMdHkKhmsSD"
# How each way to write a zone is read; Java also knows names, which are refused when they come.
_ZONES = {
    "Z": r"([+-])(\d\d)(\d\d)",
    "X": r"([+-])(\d\d)",
    "XX": r"([+-])(\d\d)(\d\d)",
    "XXX": r"([+-])(\d\d):(\d\d)",
}


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


def _hours(values: dict[str, int]) -> int:
    """`k` and `h` count from 1: their last is 0. The half of the day means nothing to an hour of the whole day."""
    if "H" in values or "k" in values:
        return values["H"] if "H" in values else 0 if values["k"] == 24 else values["k"]
    hours = 0 if values.get("h") == 12 else values.get("h", values.get("K", 0))
    return hours + 12 * values.get("a", 0)


def _from_letters(values: dict[str, int]) -> int:
    seconds = _hours(values) * 3600 + values.get("m", 0) * 60 + values.get("s", 0)
    day = values.get("D", values.get("d", 1))
    return micros(values.get("y", 1970), values.get("M", 1), day, seconds, values.get("S", 0))


class JavaDate:
    """One pattern of Java's SimpleDateFormat. Raises PatternError where it cannot be done alike."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.parts: Sequence[Field] = fields(pattern)
        if any(part.letter and part.letter not in _NUMBERS + "aZXz" for part in self.parts):
            raise PatternError(pattern)

    @classmethod
    def to_read(cls, pattern: str) -> "JavaDate":
        """One that is read. A zone's name is not, nor a month's, nor a day or hour that two letters tell, of which Java takes the later."""
        found = cls(pattern)
        letters = {part.letter for part in found.parts}
        if any(part.letter in "ZXz" and part.letter and not _zone(part) for part in found.parts):
            raise PatternError(pattern)
        if any(part.letter == "M" and len(part.text) > 2 for part in found.parts):
            raise PatternError(pattern)
        if ("D" in letters and letters & {"M", "d"}) or len(letters & set("HkKh")) > 1:
            raise PatternError(pattern)
        return found

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
        abuts = self._abuts(number)
        if part.letter == "y" or abuts:
            return f"{{{width}}}" if width == len(part.text) else ""
        return f"{{1,{width}}}" if width and len(part.text) <= width else ""

    def _abuts(self, number: int) -> bool:
        """Whether another number follows at once."""
        following = self.parts[number + 1].letter if number + 1 < len(self.parts) else ""
        return bool(following) and following in _NUMBERS

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
            found = self._field(text, place, number)
            if found is None:
                return None
            values[part.letter], place = found
        zone = values.get("Z", values.get("X"))
        return _from_letters(values) + (0 if zone is None else (ZONE_HOURS * 3600 - zone) * MICROS_PER_SECOND)

    def _field(self, text: str, place: int, number: int) -> tuple[int, int] | None:
        part = self.parts[number]
        if _zone(part):
            return self._zone(text, place, part)
        return _half(text, place) if part.letter == "a" else self._number(text, place, number)

    def _zone(self, text: str, place: int, part: Field) -> tuple[int, int] | None:
        """The seconds that a zone is ahead of UTC. Raises Failure for a name, which only Java's own list could tell."""
        if part.letter == "X" and text.startswith("Z", place):
            return 0, place + 1
        match = re.compile(_zone(part)).match(text, place)
        if match is not None:
            hours, minutes = int(match[2]), int(match[3] or 0) if match.re.groups > 2 else 0
            return (-1 if match[1] == "-" else 1) * (hours * 3600 + minutes * 60), match.end()
        if part.letter == "Z" and text[place : place + 1].isalpha():
            values = {"text": text[:100], "format": self.pattern}
            template = "The zone in %(text)s cannot be read here under %(format)s; run this job with the engine datax."
            raise Failure("TxtFileReader-01", template, values)
        return None

    def _number(self, text: str, place: int, number: int) -> tuple[int, int] | None:
        """The number of the field `number`: as many digits as there are, or as the pattern says where another follows at once."""
        part = self.parts[number]
        while place < len(text) and text[place] in " \t":
            place += 1
        abuts = self._abuts(number)
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


def _half(text: str, place: int) -> tuple[int, int] | None:
    """Before or after noon, in the words of DataX's own locale, which is Chinese wherever it runs."""
    match = re.compile(rf"[ \t]*({'|'.join(HALVES.values())})").match(text, place)
    return None if match is None else (list(HALVES.values()).index(match[1]), match.end())


def _zone(part: Field) -> str:
    """The expression of a zone's text, empty where the field is none or cannot be read."""
    return _ZONES.get(part.text if part.letter == "X" else part.letter, "")


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

"""Java's regular expressions as DuckDB's (RE2), for the part that both mean alike."""

import re

# What Java's `.` does not match, and what its `\s` does.
_LINE_ENDS = r"\n\r\x{85}\x{2028}\x{2029}"
_SPACE = r" \t\n\x0B\f\r"
_CLASSES = {
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[A-Za-z0-9_]",
    "W": "[^A-Za-z0-9_]",
    "s": f"[{_SPACE}]",
    "S": f"[^{_SPACE}]",
}
_INSIDE = {"d": "0-9", "w": "A-Za-z0-9_", "s": _SPACE}
_CONTROL = {"t": r"\t", "n": r"\n", "r": r"\r", "f": r"\f", "e": r"\x1B", "a": r"\x07"}
# RE2 repeats no more often.
_MOST_REPEATS = 1000

_TOKEN = re.compile(
    r"\\Q(?P<quoted>.*?)(?:\\E|$)"
    r"|\\u(?P<unicode>[0-9a-fA-F]{4})|\\x(?P<hex>[0-9a-fA-F]{2})|\\x\{(?P<long>[0-9a-fA-F]+)\}"
    r"|\\(?P<escape>.)"
    r"|(?P<open>\((?:\?:)?(?!\?))"
    r"|(?P<repeat>(?:[*+?]|\{(?P<low>\d+)(?:,(?P<high>\d*))?\})\??(?!\+))"
    r"|(?P<class>\[\^?\]?)"
    r"|(?P<plain>[^\\()\[\]{}*+?])|(?P<close>\))",
    re.DOTALL,
)


class Untranslatable(ValueError):
    """The expression holds what the two engines do not match alike; the message names it."""


def translated(pattern: str) -> str:
    """The same for RE2, to be matched against the whole text. Raises Untranslatable."""
    out: list[str] = []
    place = 0
    while place < len(pattern):
        found = _TOKEN.match(pattern, place)
        if found is None:
            raise Untranslatable(pattern[place : place + 3])
        place = found.end()
        if found["class"]:
            inside, place = _class(pattern, place, found["class"])
            out.append(inside)
        else:
            out.append(_token(found))
    return "".join(out)


def _token(found: "re.Match[str]") -> str:
    if found["quoted"] is not None:
        return re.escape(found["quoted"])
    code = found["unicode"] or found["hex"] or found["long"]
    if code:
        return f"\\x{{{code}}}"
    if found["escape"]:
        return _escape(found["escape"], _CLASSES)
    if found["repeat"]:
        if max(int(found["low"] or 0), int(found["high"] or 0)) > _MOST_REPEATS:
            raise Untranslatable(found["repeat"])
        return found["repeat"]
    return f"[^{_LINE_ENDS}]" if found["plain"] == "." else found[0]


def _escape(letter: str, classes: dict[str, str]) -> str:
    known = classes.get(letter) or _CONTROL.get(letter)
    if known:
        return known
    if letter.isalnum():
        raise Untranslatable("\\" + letter)
    return re.escape(letter)


def _class(pattern: str, place: int, opened: str) -> tuple[str, int]:
    """The rest of a `[…]`, from behind its opening. Java's unions and intersections are left to Java."""
    if opened.endswith("]"):
        raise Untranslatable(opened)
    out = [opened]
    while place < len(pattern) and pattern[place] != "]":
        found = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\(.)|([^\\\[&])|(&(?!&))", re.DOTALL).match(
            pattern, place
        )
        if found is None:
            raise Untranslatable(pattern[place : place + 2])
        code = found[1] or found[2]
        out.append(f"\\x{{{code}}}" if code else _escape(found[3], _INSIDE) if found[3] else found[0])
        place = found.end()
    if place == len(pattern):
        raise Untranslatable("[")
    return "".join(out) + "]", place + 1

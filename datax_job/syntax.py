"""The careful reader of job documents: JSON with the leniency of DataX's own parser, and exact words for what is wrong.

Measured on fastjson2 2.0.23, which DataX uses. Accepted like there, besides plain JSON: `'single quotes'`, names without
quotes, a comma after the last member, raw line breaks and tabs in strings, its further escapes (`\\x41`, `\\'`, `\\1`),
numbers such as `+1`, `.5`, `5.`, `007` and `1L`. Comments (`//`, `/* */`) are accepted wherever a space may stand; DataX itself
takes them in few places only, but it is handed the document without them.

Not accepted, although that parser lets it through: a missing comma, a `-` or `1e` without digits, a comma behind the
document. There it is an accident, and here it would hide a slip of the pen.
"""

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

from datax_job import slips
from datax_job.plain import DECODER, DOUBTFUL_ESCAPE, MAX_DEPTH, MAX_NUMBER_CHARACTERS, too_deep
from datax_job.pointers import Keys
from datax_job.problem import Text

SPACE = re.compile(r"(?:[ \t\n\r\f\x08\xa0]+|//[^\n\r]*|/\*(?s:.*?)\*/)*+")
_BLANK = r"[ \t\n\r]*+"
_PLAIN = r'"(?:[^"\\\x00-\x1f\ud800-\udfff]|\\["\\/bfnrt])*+"'
_SCALAR = rf"(?:{_PLAIN}|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+|true|false|null)"
# A run of plain members or elements, each with the comma behind it, which the C scanner can take in one go.
_MEMBERS = re.compile(rf"(?:{_BLANK}{_PLAIN}{_BLANK}:{_BLANK}{_SCALAR}{_BLANK},){{1,4096}}+")
_ELEMENTS = re.compile(rf"(?:{_BLANK}{_SCALAR}{_BLANK},){{1,4096}}+")
_STRING = {quote: re.compile(rf"[^{quote}\\\x00\ud800-\udfff]*+") for quote in "\"'"}
_CLOSED = {quote: re.compile(rf"{quote}(?:[^{quote}\\]|\\.)*+{quote}", re.DOTALL) for quote in "\"'"}
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7])|(.))", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_$\u0080-\u2017\u2020-\ud7ff\ue000-\ufefe][\w$]*+")
_WORD = re.compile(r"[\w$.+-]+")
_NUMBER = re.compile(r"([+-]?(?=\.?[0-9])[0-9]*+)(?:[LSB]|(\.[0-9]*+)?([eE][+-]?[0-9]++)?([DF])?)")
# Raw line breaks and tabs are welcome in a string.
_STRINGS = json.JSONDecoder(strict=False)
_BREAK = re.compile(r"\r\n|\r|\n")
_LITERALS = {"true": True, "false": False, "null": None}
_ESCAPES = dict(zip("btnvfrF\"'/\\#&()[].@", "\b\t\n\v\f\r\f\"'/\\#&()[].@", strict=True))


class Broken(Exception):
    """The text is no document. `keys` lead to the culprit where it has a place of its own."""

    def __init__(self, offset: int, text: Text, keys: Keys = ()) -> None:
        super().__init__(str(text))
        self.offset = offset
        self.text = text
        self.keys = keys


@dataclass(slots=True)
class _Frame:
    """An object or array that is not closed yet, and the member that is being read."""

    value: Any
    opened: int
    key: str | int = 0


@dataclass(slots=True)
class Reader:
    """Reads one value after another. An explicit stack, so that no depth of nesting can exhaust Python's own."""

    text: str
    at: int = 0
    stack: list[_Frame] = field(default_factory=list)
    # What follows a value must be a comma or the end of its container.
    after_value: bool = False
    # How many characters may still be scanned in vain, so that all the work stays linear.
    patience: int = 0
    # No run is looked for before this: the one that ended here was not plain after all, and is read member by member.
    run_end: int = 0

    def __post_init__(self) -> None:
        self.patience = 0 if DOUBTFUL_ESCAPE.search(self.text) else 4 * len(self.text)

    def document(self) -> Any:
        """The only value of the text. Raises Broken."""
        self.skip_space()
        value = self.value()
        self.skip_space()
        if self.at < len(self.text):
            raise self._unexpected(Text("the document ends before this; remove what follows, or mend the brackets"))
        return value

    def value(self) -> Any:
        """The value that begins here. Raises Broken."""
        value = self._begin()
        while self.stack:
            frame = self.stack[-1]
            if isinstance(frame.value, dict):
                self._member(frame)
            else:
                self._element(frame)
        return value

    # A container enters its parent when it opens; its members come while it is on top of the stack.

    def _member(self, frame: _Frame) -> None:
        if self._closed("}"):
            return
        run = self._run(_MEMBERS, "{%s}")
        if run and run.keys().isdisjoint(frame.value):
            frame.value.update(run)
            self.at = self.run_end
        else:
            frame.key = self._named(frame.value)
            frame.value[frame.key] = self._begin()

    def _element(self, frame: _Frame) -> None:
        if self._closed("]"):
            return
        if run := self._run(_ELEMENTS, "[%s]"):
            frame.value += run
            self.at = self.run_end
        else:
            frame.key = len(frame.value)
            frame.value.append(self._begin())

    def _run(self, pattern: re.Pattern[str], brackets: str) -> Any:
        """What a run of plain members holds. None when there is none, or none that the C scanner takes."""
        found = pattern.match(self.text, self.at) if self.at >= self.run_end else None
        if found is None:
            return None
        self.run_end = found.end()
        try:
            return DECODER.decode(brackets % found[0][:-1])
        except ValueError:
            return None

    def _closed(self, bracket: str) -> bool:
        """Step over the comma between two members, or over the end."""
        self.skip_space()
        if self.after_value and self._here() == ",":
            self.at += 1
            self.after_value = False
            self.skip_space()
        elif self.after_value and self._here() != bracket:
            raise self._unexpected(Text("a comma or %(bracket)s is missing before this", {"bracket": bracket}))
        if self._here() != bracket:
            return False
        self.at += 1
        self.stack.pop()
        self.after_value = True
        return True

    def _named(self, members: dict[str, Any]) -> str:
        start = self.at
        name = self.name()
        if name in members:
            template = "%(name)r stands here a second time; only one of the two can hold"
            self.stack[-1].key = name
            raise Broken(start, Text(template, {"name": name}), self._keys())
        return name

    def name(self) -> str:
        """The name that begins here, together with its colon. Raises Broken."""
        found = None
        if self._here() in ('"', "'"):
            name = self._string()
        elif (found := _NAME.match(self.text, self.at)) and self._here() not in slips.FULL_WIDTH:
            name = found[0]
            self.at = found.end()
        else:
            raise self._unexpected(Text("a name in double quotes is expected here"))
        self.skip_space()
        if self._here() != ":":
            raise self._unexpected(Text("a colon is missing after the name %(name)r", {"name": name}))
        self.at += 1
        self.skip_space()
        return name

    def _begin(self) -> Any:
        """A plain value, or a container that is now open."""
        here = self._here()
        self.after_value = True
        if here in ("{", "["):
            return self._quick() or self._open({} if here == "{" else [])
        return self._string() if here in ('"', "'") else self._literal()

    def _quick(self) -> Any:
        """The whole container by the C scanner. None when that cannot, or when it is empty."""
        if self.patience <= 0:
            return None
        try:
            value, end = DECODER.raw_decode(self.text, self.at)
        except json.JSONDecodeError as error:
            self.patience -= error.pos - self.at
        except (ValueError, RecursionError):
            self.patience -= len(self.text)
        else:
            if value and not too_deep(value, MAX_DEPTH - len(self.stack)):
                self.at = end
                return value
        return None

    def _open(self, value: Any) -> Any:
        if len(self.stack) == MAX_DEPTH:
            template = "the document is nested more than %(depth)d levels deep"
            raise Broken(self.at, Text(template, {"depth": MAX_DEPTH}))
        self.stack.append(_Frame(value, self.at))
        self.at += 1
        self.after_value = False
        return value

    def _literal(self) -> Any:
        found = _WORD.match(self.text, self.at)
        word = found[0] if found else ""
        if word in _LITERALS:
            self.at += len(word)
            return _LITERALS[word]
        number = _NUMBER.fullmatch(word)
        if number is None:
            raise self._unexpected(slips.instead_of_a_value(word, self.text[self.at : self.at + 2]))
        value = self._number(number)
        self.at += len(word)
        return value

    def _number(self, found: re.Match[str]) -> int | float:
        whole, fraction, exponent, suffix = found.groups()
        shown = {"number": found[0][:20] + ("…" if len(found[0]) > 20 else "")}
        if len(found[0]) > MAX_NUMBER_CHARACTERS:
            raise Broken(self.at, Text("the number %(number)s is too long", shown), self._keys())
        if not fraction and not exponent and not suffix:
            return int(whole)
        number = float(whole + (fraction or "") + (exponent or ""))
        if number in (float("inf"), float("-inf")):
            raise Broken(self.at, Text("the number %(number)s is too large", shown), self._keys())
        return number

    def _string(self) -> str:
        if self._here() == '"':
            try:
                string, end = _STRINGS.raw_decode(self.text, self.at)
            except ValueError:
                return self._careful_string()
            if isinstance(string, str) and not _UNUSABLE.search(string):
                self.at = end
                return string
        return self._careful_string()

    def _careful_string(self) -> str:
        start, quote = self.at, self._here()
        if not _CLOSED[quote].match(self.text, start):
            raise Broken(start, Text("this text is not closed: its ending quote is missing"))
        parts: list[str] = []
        self.at += 1
        while True:
            found = _STRING[quote].match(self.text, self.at)
            assert found is not None  # it also matches nothing
            parts.append(found[0])
            self.at = found.end()
            if self._here() == quote:
                self.at += 1
                return "".join(parts)
            parts.append(self._special())

    def _special(self) -> str:
        """What stands in a string where neither ordinary text nor its end does."""
        here = self._here()
        if here != "\\":
            raise self._unusable(here)
        found = _ESCAPE.match(self.text, self.at)
        if found is None or (found[4] and found[4] not in _ESCAPES):
            shown = {"escape": self.text[self.at : self.at + 2]}
            template = "%(escape)s means nothing in a text; a backslash itself is written twice: \\\\"
            raise Broken(self.at, Text(template, shown))
        character = _ESCAPES[found[4]] if found[4] else self._coded(found)
        self.at = max(self.at, found.end())
        return character

    def _coded(self, found: re.Match[str]) -> str:
        code = int(found[1] or found[2] or found[3], 8 if found[3] else 16)
        if 0xD800 <= code < 0xDC00:
            low = _ESCAPE.match(self.text, found.end())
            if low and low[1] and 0xDC00 <= (second := int(low[1], 16)) < 0xE000:
                self.at = low.end()
                return chr(0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00))
        if code == 0 or 0xD800 <= code < 0xE000:
            raise self._unusable(chr(code))
        return chr(code)

    def _unusable(self, character: str) -> Broken:
        return Broken(self.at, slips.no_character(character), self._keys())

    def _unexpected(self, expected: Text) -> Broken:
        """The most helpful thing to say about the character at hand."""
        here = self._here()
        if here == "":
            return self._cut_short()
        if here in slips.FULL_WIDTH:
            return Broken(self.at, slips.full_width(here))
        if _UNUSABLE.match(here):
            return self._unusable(here)
        if self.text.startswith("/*", self.at):
            return Broken(self.at, Text("this comment is not closed: */ is missing"))
        return Broken(self.at, expected)

    def _cut_short(self) -> Broken:
        if not self.stack:
            return Broken(self.at, Text("the document is empty"))
        frame = self.stack[-1]
        line = bisect_right(line_starts(self.text), frame.opened)
        values = {"bracket": "{" if isinstance(frame.value, dict) else "[", "line": line}
        return Broken(
            self.at, Text("the document ends here, but the %(bracket)s of line %(line)d is not closed", values)
        )

    def skip_space(self) -> None:
        found = SPACE.match(self.text, self.at)
        assert found is not None  # it also matches nothing
        self.at = found.end()

    def _here(self) -> str:
        return self.text[self.at : self.at + 1]

    def _keys(self) -> Keys:
        return tuple(frame.key for frame in self.stack)


def line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in _BREAK.finditer(text))]

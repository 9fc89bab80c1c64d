"""Where in a document's text its parts stand. Looked for when asked, and no further than needed."""

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from datax_job import pointers
from datax_job.syntax import Reader, line_starts


@dataclass(slots=True)
class _Members:
    """The members of one container found so far, and where to go on looking. `at` is None when all are found."""

    starts: dict[str, int] = field(default_factory=dict)
    at: int | None = None


class Places:
    """Places in a text that has been read without an error."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._members: dict[int, _Members] = {}

    def start(self, pointer: str) -> int:
        """The offset of a value, or of its nearest ancestor that is there."""
        offset = self._root
        for part in pointers.split(pointer):
            inner = self._member(offset, part)
            if inner is None:
                break
            offset = inner
        return offset

    def end(self, start: int) -> int:
        """The offset behind the value that starts there."""
        reader = self._reader
        reader.at = start
        reader.value()
        return reader.at

    def position(self, pointer: str) -> tuple[int, int]:
        return position(self._line_starts, self.start(pointer))

    @cached_property
    def _line_starts(self) -> list[int]:
        return line_starts(self._text)

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._text)

    @cached_property
    def _root(self) -> int:
        self._reader.at = 0
        self._reader.skip_space()
        return self._reader.at

    def _member(self, container: int, name: str) -> int | None:
        members = self._members.get(container)
        if members is None:
            bracket = self._text[container : container + 1]
            members = _Members(at=container + 1 if bracket in ("{", "[") else None)
            self._members[container] = members
        while name not in members.starts and members.at is not None:
            self._find_next(members, named=self._text[container] == "{")
        return members.starts.get(name)

    def _find_next(self, members: _Members, named: bool) -> None:
        reader = self._reader
        reader.at = members.at or 0
        if members.starts:
            # Behind the value found last, which starts there.
            reader.value()
            reader.skip_space()
            reader.at += self._text.startswith(",", reader.at)
        reader.skip_space()
        if self._text[reader.at] in "}]":
            members.at = None
            return
        name = reader.name() if named else str(len(members.starts))
        members.starts[name] = members.at = reader.at


def position(starts: list[int], offset: int) -> tuple[int, int]:
    """Line and column, both from 1."""
    line = bisect_right(starts, offset)
    return line, offset - starts[line - 1] + 1

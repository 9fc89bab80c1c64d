"""Where parts of logs are kept. A shelf has folders, one a task, with objects in them; there is one for each kind of place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from webapp.logs.parts import Entry


@dataclass(frozen=True, slots=True)
class Held:
    """A task's folder as retention sees it. `changed` is in seconds since the epoch; `growing` while a part of it is plain."""

    folder: str
    size: int
    changed: float
    growing: bool


class Tail(Protocol):
    """Plain text that grows at its end."""

    length: int

    def append(self, data: bytes) -> None:
        """Raises OSError; then nothing of `data` is kept."""

    def close(self) -> None:
        """Nothing more is appended; what is there stays."""

    def remove(self) -> None:
        """Called after `close`: it is there in another form, or to be left out."""


class Shelf(Protocol):
    """Every call may raise OSError. Names hold no path."""

    # Whether an append may take long, so that it must not be waited for.
    slow: bool

    def entries(self, folder: str, *, fresh: bool = False) -> list[Entry]:
        """What is in a folder, nothing if there is none. Unless `fresh` it may be as old as a blink of an eye."""

    def get(self, folder: str, name: str, start: int, end: int) -> bytes:
        """Bytes of an object, fewer at its end. Raises FileNotFoundError."""

    def put(self, folder: str, name: str, data: bytes) -> None:
        """Keep an object."""

    def remove(self, folder: str, name: str) -> None:
        """Nothing happens if it is not there."""

    def remove_folder(self, folder: str) -> None:
        """With all that is in it; nothing happens if it is not there."""

    def tail(self, folder: str, attempt: int, start: int, lines: int) -> Tail:
        """Begin a plain part, which has so many line breaks before it."""

    def folders(self) -> Iterator[Held]:
        """All there are, in any order."""

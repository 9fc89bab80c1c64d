"""Files being written: under a hidden name in the target's own folder until the whole job is through, then renamed."""

import contextlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from io import FileIO
from pathlib import Path

SUFFIX = ".part"


class Part:
    """One file on its way. Sections are written one after another; a section may be written again from its start."""

    def __init__(self, final: Path) -> None:
        self.final = final
        self.hidden = final.with_name(f".{final.name}.{os.getpid()}{SUFFIX}")
        self.starts: dict[int, int] = {}

    @contextlib.contextmanager
    def section(self, number: int) -> Iterator[Callable[[bytes], object]]:
        """A place to write to, as a function."""
        with open(self.hidden, "ab", buffering=0) as file:
            file.truncate(self.starts.setdefault(number, file.seek(0, os.SEEK_END)))
            yield partial(_all, file)

    def publish(self) -> None:
        with open(self.hidden, "rb") as file:
            os.fsync(file.fileno())
        self.hidden.replace(self.final)

    def discard(self) -> None:
        with contextlib.suppress(OSError):
            self.hidden.unlink(missing_ok=True)


def _all(file: FileIO, chunk: bytes) -> None:
    """Write the whole of it: the system may take less at a time."""
    left = memoryview(chunk)
    while left:
        left = left[file.write(left) :]


class Parts:
    """All files of a job."""

    def __init__(self) -> None:
        self._parts: dict[Path, Part] = {}

    def of(self, final: Path) -> Part:
        return self._parts.setdefault(final, Part(final))

    def publish(self) -> None:
        for part in list(self._parts.values()):
            part.publish()

    def discard(self) -> None:
        """Leave nothing behind. Safe at any moment: a name that is gone already is no error."""
        for part in list(self._parts.values()):
            part.discard()

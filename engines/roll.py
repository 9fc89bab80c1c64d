"""The roll of an engine's processes: which there were when it was ended, and when each was gone. From /proc; elsewhere, only the first."""

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engines import watchdog

PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that is gone, and when that was first seen."""

    pid: int
    command: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StopReport:
    """The proof of a stop. `asked_at` is None when nobody asked and the engine only left others behind; `left` did not end at all."""

    asked_at: datetime | None
    ended: tuple[Ended, ...]
    left: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Member:
    pid: int
    group: int
    command: str
    # Together with the number it tells a process from a later one that got the same number.
    started: str


class Roll:
    """`session` is the engine's, whose leader it is; `pipes` are the inodes of its stdout and stderr."""

    def __init__(self, session: int, pipes: set[int]) -> None:
        self._session, self._pipes = session, pipes
        self._there: dict[int, _Member] = {}
        self._ended: list[Ended] = []

    def call(self) -> None:
        """Take down who is there now: the session, and who left it but still holds the pipes or bears their number."""
        numbers = [int(name.name) for name in PROCESSES.glob("[0-9]*")] or [self._session]
        for member in filter(None, map(_member, numbers)):
            if member.session == self._session:
                self._there[member.process.pid] = member.process
        self._take_down(watchdog.writers(self._pipes))
        self.strays()

    def strays(self) -> list[int]:
        """Take down who bears the number of the pipes, wherever it went."""
        return self._take_down(watchdog.bearers(self._pipes))

    def _take_down(self, pids: Iterable[int]) -> list[int]:
        found = [member.process for member in map(_member, pids) if member is not None]
        self._there.update({process.pid: process for process in found})
        return [process.pid for process in found]

    def look(self) -> None:
        """Note who is gone."""
        for pid, member in list(self._there.items()):
            found = _member(pid)
            if found is None or found.process.started != member.started:
                del self._there[pid]
                self._ended.append(Ended(pid, member.command, datetime.now(UTC)))

    def outside(self) -> Iterator[int]:
        """Those whom a signal to the engine's group does not reach."""
        self.look()
        return (pid for pid, member in self._there.items() if member.group != self._session)

    def __bool__(self) -> bool:
        return bool(self._there)

    def report(self, asked_at: datetime | None) -> StopReport | None:
        """None when there is nothing to tell: nobody asked, and nobody was left behind."""
        if asked_at is None and not self._there and not self._ended:
            return None
        return StopReport(asked_at, tuple(self._ended), tuple(self._there))


@dataclass(frozen=True, slots=True)
class _Found:
    session: int
    process: _Member


def _member(pid: int) -> _Found | None:
    """What runs under this number; None for nobody or a zombie."""
    try:
        head, _, rest = (PROCESSES / str(pid) / "stat").read_text(errors="replace").rpartition(")")
    except OSError:
        return _without_proc(pid)
    state, _, group, session, *others = rest.split()
    if state in "ZX":
        return None
    return _Found(int(session), _Member(pid, int(group), head.partition("(")[2], others[15]))


def _without_proc(pid: int) -> _Found | None:
    if PROCESSES.is_dir():
        return None
    with contextlib.suppress(OSError):
        os.kill(pid, 0)
        return _Found(pid, _Member(pid, pid, "", ""))
    return None


def peak_bytes(pid: int) -> int | None:
    """The most memory that a running process has had at once, None where the system does not say."""
    with contextlib.suppress(OSError):
        for line in (PROCESSES / str(pid) / "status").read_text(errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None

"""How much memory a process and its descendants have, from /proc; where there is none, nobody tells."""

import os
from pathlib import Path

from webapp.workers.service import Memory

PROCESSES = Path("/proc")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

# In what follows the name in /proc/PID/stat, and in /proc/PID/statm.
_PARENT = 1
_RESIDENT = 1


def of_worker(pid: int) -> Memory:
    """What a worker has itself, and what the processes that it started have, with theirs."""
    parents = {int(entry.name): _parent(entry) for entry in PROCESSES.glob("[0-9]*")}
    if pid not in parents:
        return Memory()
    below = _descendants(pid, parents)
    return Memory(_resident(pid), sum(_resident(each) for each in below))


def _descendants(pid: int, parents: dict[int, int | None]) -> set[int]:
    found: set[int] = set()
    newest = {pid}
    while newest:
        newest = {child for child, parent in parents.items() if parent in newest} - found
        found |= newest
    return found


def _parent(process: Path) -> int | None:
    """None for a process that has gone meanwhile."""
    try:
        fields = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[_PARENT])


def _resident(pid: int) -> int:
    try:
        return int((PROCESSES / str(pid) / "statm").read_text().split()[_RESIDENT]) * PAGE_BYTES
    except OSError:
        return 0

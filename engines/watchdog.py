"""A small process beside every worker that outlives it just long enough to kill the engines it left.

It is run as a file and imports nothing of ours, so that it starts in milliseconds.

Its input is a pipe that only the worker holds. Each line is a sign and a number: `+` and `-` are process groups that began and
ended, `?` and `.` pipes whose writer is about to start and is over. When the input ends, the worker is dead, however it died.

Whoever is started for a run finds the number of its pipe in the environment, and hands it on to those whom it starts. So they are
known also when they have left the group and closed the pipe, as daemons do.

PR_SET_PDEATHSIG would follow the thread that forked, not the process, is lost by a program that changes its user, reaches no
grandchildren, and is Linux's alone.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator

PROCESSES = "/proc"
MARK = "DATAX_CELERY_RUN"

# Who is killed may be about to start another one.
LOOKS = 3
LOOK_SECONDS = 0.02


def mind(lines: Iterable[str]) -> tuple[set[int], set[int]]:
    """Listen until the worker is dead. What it left: groups, and pipes of runs that it did not live to see the end of."""
    groups: set[int] = set()
    pipes: set[int] = set()
    for line in lines:
        known = groups if line[0] in "+-" else pipes
        (known.add if line[0] in "+?" else known.discard)(int(line[1:]))
    return groups, pipes


def writers(pipes: set[int]) -> Iterator[int]:
    """The processes whose stdout or stderr is one of these pipes, given by their inode. Where there is no /proc, none is found."""
    links = {f"pipe:[{inode}]" for inode in pipes}
    return (int(name) for name in _others() if _writes(name, links))


def bearers(pipes: set[int]) -> Iterator[int]:
    """The processes that bear the number of one of these pipes in their environment."""
    marks = {f"{MARK}={inode}".encode() for inode in pipes}
    return (int(name) for name in _others() if _bears(name, marks))


def _others() -> Iterator[str]:
    own = str(os.getpid())
    return (
        name for name in (os.listdir(PROCESSES) if os.path.isdir(PROCESSES) else ()) if name.isdigit() and name != own
    )


def _writes(name: str, links: set[str]) -> bool:
    for number in (1, 2):
        with contextlib.suppress(OSError):  # gone, another user's, or without that descriptor
            if os.readlink(f"{PROCESSES}/{name}/fd/{number}") in links:
                return True
    return False


def _bears(name: str, marks: set[bytes]) -> bool:
    with contextlib.suppress(OSError), open(f"{PROCESSES}/{name}/environ", "rb", buffering=0) as environment:
        found = environment.read()
        return MARK.encode() in found and not marks.isdisjoint(found.split(b"\0"))
    return False  # gone, or another user's


def main() -> None:
    groups, pipes = mind(sys.stdin)
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)
    for _ in range(LOOKS):
        for pid in {*writers(pipes), *bearers(pipes)}:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()

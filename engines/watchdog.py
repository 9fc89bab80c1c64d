"""A small process beside every worker that outlives it just long enough to kill the engines it left.

It is run as a file and imports nothing of ours, so that it starts in milliseconds.

Its input is a pipe that only the worker holds. Each line is a sign and a number: `+` and `-` are process groups that began and
ended, `?` and `.` pipes for whose writer a start began and is over. When the input ends, the worker is dead, however it died.

PR_SET_PDEATHSIG would follow the thread that forked, not the process, is lost by a program that changes its user, reaches no
grandchildren, and is Linux's alone.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Iterable, Iterator

PROCESSES = "/proc"


def mind(lines: Iterable[str]) -> tuple[set[int], set[int]]:
    """Listen until the worker is dead. What it left: groups, and pipes of starts that it did not live to tell of."""
    groups: set[int] = set()
    pipes: set[int] = set()
    for line in lines:
        known = groups if line[0] in "+-" else pipes
        (known.add if line[0] in "+?" else known.discard)(int(line[1:]))
    return groups, pipes


def writers(pipes: set[int]) -> Iterator[int]:
    """The processes whose stdout or stderr is one of these pipes, given by their inode. Where there is no /proc, none is found."""
    wanted = {f"pipe:[{inode}]" for inode in pipes}
    for name in os.listdir(PROCESSES) if wanted and os.path.isdir(PROCESSES) else ():
        if name.isdigit() and int(name) != os.getpid() and _writes(name, wanted):
            yield int(name)


def _writes(name: str, wanted: set[str]) -> bool:
    for number in (1, 2):
        with contextlib.suppress(OSError):  # gone, another user's, or without that descriptor
            if os.readlink(f"{PROCESSES}/{name}/fd/{number}") in wanted:
                return True
    return False


def main() -> None:
    groups, pipes = mind(sys.stdin)
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)
    for pid in writers(pipes):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()

"""`python -I -S limited.py LIMITS PROGRAM …`: set limits on oneself, then become the program.

For a process of another user alone, whose limits a worker without the right CAP_SYS_RESOURCE, as in a container, cannot set from
outside. It is run as a file and imports nothing of ours.
"""

import os
import resource
import sys


def main(limits: str, program: list[str]) -> None:
    """`limits` are pairs `KIND=MOST` with the system's numbers, separated by commas."""
    for pair in limits.split(","):
        kind, most = (int(number) for number in pair.split("="))
        resource.setrlimit(kind, (most, most))
    os.execvp(program[0], program)  # noqa: S606 - the process is to become another program


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

"""What an engine's process may do at most: no more rights than it starts with, no core file, and the limits of the settings.

It costs microseconds: nothing stands between the worker and an engine of its own user, and no code of ours runs in the forked
child, which is not safe in a program with threads.
"""

import contextlib
import ctypes
import os
import pwd
import resource
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engines import limited

_PR_SET_NO_NEW_PRIVS = 38


@dataclass(frozen=True, slots=True)
class Confinement:
    """None: no limit but the system's. Memory is what can be written, in bytes; files are of so many bytes, and open at once.

    `user` is an account that the worker, running as root, gives the process to.
    """

    cpu_seconds: int | None = None
    memory: int | None = None
    file_bytes: int | None = None
    open_files: int | None = None
    user: str | None = None

    def options(self) -> dict[str, Any]:
        """For `subprocess.Popen`: as whom to run, with no group of the worker's."""
        if self.user is None:
            return {}
        account = pwd.getpwnam(self.user)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def hand_over(self, folder: Path) -> None:
        """Give the folder of a run, which its owner alone can look into, to the user who is to work there."""
        if self.user is None:
            return
        account = pwd.getpwnam(self.user)
        for path in (*folder.rglob("*"), folder):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)

    def command(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        """What to start: the program itself, unless it belongs to another user and so must limit itself."""
        if self.user is None:
            return argv
        limits = ",".join(f"{kind}={most}" for kind, most in self._limits())
        return (sys.executable, "-I", "-S", limited.__file__, limits, *argv)

    def limit(self, pid: int) -> None:
        """Set the limits of a process that has just been started, before it has done anything that could break them."""
        if self.user is not None or not hasattr(resource, "prlimit"):
            return  # Linux alone can limit another process
        with contextlib.suppress(ProcessLookupError):  # it has ended already
            for kind, most in self._limits():
                resource.prlimit(pid, kind, (most, most))

    def _limits(self) -> list[tuple[int, int]]:
        # A core file would hold every password of the job.
        wanted = [
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_CPU, self.cpu_seconds),
            (resource.RLIMIT_DATA, self.memory),
            (resource.RLIMIT_FSIZE, self.file_bytes),
            (resource.RLIMIT_NOFILE, self.open_files),
        ]
        return [(kind, _at_most(kind, most)) for kind, most in wanted if most is not None]


def _at_most(kind: int, wanted: int) -> int:
    """No more than the system gives."""
    hard = resource.getrlimit(kind)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def give_up_new_rights() -> None:
    """What this thread starts from now on gains no rights by programs such as sudo. For good, and for this thread alone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)

"""Keeps one server of the tests while the run lives: `python keeper.py CONTROLLER_PID FOLDER`, what to start as JSON on stdin.

The run's first process is watched, not the worker that asked: workers end one by one and share the server. When that process
is gone, however it went, the server is stopped and its folder removed. Killed itself, the server dies with it (on Linux).
"""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time

LOOK_SECONDS = 0.2
STOP_SECONDS = 10
PR_SET_PDEATHSIG = 1


def main(controller: int, folder: str) -> int:
    spec = json.load(sys.stdin)
    server = start(spec, folder)
    while alive(controller):
        if server.poll() is not None:
            return server.returncode
        time.sleep(LOOK_SECONDS)
    server.send_signal(spec["stop"])
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def start(spec: dict, folder: str) -> subprocess.Popen:
    """Its output goes to `server.log` in the folder; `account` is the number of an unprivileged one when root runs the tests."""
    account = spec["account"]
    identity = {} if account is None else {"user": account, "group": account, "extra_groups": []}
    with open(os.path.join(folder, "server.log"), "ab") as log:
        return subprocess.Popen(
            spec["argv"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(spec["stop"]),
            **identity,
        )


def die_with_parent(number: int) -> None:
    """Set after the account is changed, which would clear it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


if __name__ == "__main__":
    # Ctrl-C in the terminal is for pytest; the keeper ends when pytest has ended.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))

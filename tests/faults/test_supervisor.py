"""`make run` killed in the middle: nothing of it goes on by itself."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path
from threading import Event, Thread

from tests.conftest import stream
from tests.processes import alive, below, gone
from tests.stack import ROOT, new_stack


def test_everything_ends_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    stack = new_stack(tmp_path)
    stack.start()
    assert stack.process is not None
    endless = stream(9, path=str(tmp_path), fileName="endless", recordNumBeforeSleep=1, sleepTime=3600)
    task = stack.submit(endless)
    until = time.monotonic() + 30
    while stack.call(f"/api/tasks/{task}").json()["state"] != "STARTED" and time.monotonic() < until:
        time.sleep(0.1)
    # Broker, web server and its workers, Celery's worker and its engine, scheduler, and those that mind them.
    started = below(stack.process.pid)
    assert len(started) > 8
    stack.process.kill()
    stack.process.wait()
    gone(*started, seconds=20)
    left = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in started if alive(pid)}
    assert not left


def test_everything_ends_when_one_of_its_parts_is_killed_together_with_who_watches_it(tmp_path: Path) -> None:
    stack = new_stack(tmp_path)
    stack.start()
    assert stack.process is not None
    started = below(stack.process.pid)
    # Whoever starts a command and hands its output on is a process too, and looks like the supervisor.
    watchers = [pid for pid in started if b"webapp.local" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(min(watchers), signal.SIGKILL)
    assert stack.process.wait(30) != 0
    assert gone(*started, seconds=20)


def test_everything_ends_when_its_terminal_is_closed(tmp_path: Path) -> None:
    stack = new_stack(tmp_path)
    ours, its = pty.openpty()

    def own_terminal() -> None:
        os.setsid()
        fcntl.ioctl(its, termios.TIOCSCTTY, 0)

    stack.process = subprocess.Popen(
        [sys.executable, "-m", "webapp.local"],
        cwd=ROOT,
        env=stack.env(),
        stdin=its,
        stdout=its,
        stderr=its,
        preexec_fn=own_terminal,
    )
    os.close(its)
    closes = Event()

    def show() -> None:
        while not closes.is_set():
            if select.select([ours], [], [], 0.1)[0]:
                os.read(ours, 4096)
        os.close(ours)  # by who reads it: as long as somebody does it is not closed

    terminal = Thread(target=show, daemon=True)
    terminal.start()
    try:
        stack._wait()
        started = below(stack.process.pid)
        assert len(started) > 6
        closes.set()
        terminal.join()
        stack.process.wait(60)
        assert gone(*started, seconds=20)
    finally:
        stack.process.kill()

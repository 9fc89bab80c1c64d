"""`make run` killed in the middle: nothing of it goes on by itself."""

import os
import signal
import time
from pathlib import Path

from tests.conftest import stream
from tests.processes import alive, below, gone
from tests.stack import new_stack


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

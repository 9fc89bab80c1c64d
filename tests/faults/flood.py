"""An engine that prints whatever a test wants, in a product of its own: the engine `datax` with a stand-in for Java."""

import os
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import standin
from tests.conftest import stream
from tests.stack import Answer, Stack, new_stack

_JAVA = """
import os, sys, time
if "-version" in sys.argv:
    print('openjdk version "8.0.1" 2014-01-01', file=sys.stderr)
    sys.exit(0)
def out(data, stream=1):
    while data:
        data = data[os.write(stream, data):]
with open({program!r}) as program:
    exec(program.read())
"""


class Flood:
    """A running product whose engine does what `prints` was told last."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._program = folder / "program.py"
        java = standin.PYTHON + _JAVA.format(program=str(self._program))
        self.stack: Stack = new_stack(folder, WEB_WORKERS="1", **standin.datax(folder, java), **environment)

    @contextmanager
    def running(self) -> Iterator[None]:
        """The product runs; it is stopped also when it could not be started or a test failed."""
        try:
            self.stack.start()
            yield
        finally:
            if self.stack.process is not None:
                self.stack.stop()

    def prints(self, program: str) -> None:
        """A Python program; it may call `out(bytes)`."""
        self._program.write_text(textwrap.dedent(program))

    def submit(self, **options: Any) -> str:
        return self.stack.submit(stream(1, password="not for logs"), engine="datax", **options)

    def log(self, task_id: str, offset: int, limit: int = 65536, wait: float = 0) -> Answer:
        answer = self.stack.call(f"/api/tasks/{task_id}/log?offset={offset}&limit={limit}&wait={wait}")
        assert answer.status == 200, answer.body
        return answer

    def size(self, task_id: str) -> int:
        return int(self.log(task_id, 0, 4).headers["X-Log-Size"])

    def end(self, task_id: str, count: int = 65536) -> str:
        """The last bytes of a log as they are now."""
        return self.log(task_id, max(0, self.size(task_id) - count), count).body.decode()

    def ages(self) -> list[float]:
        """How old each line of a run was when it was first seen, by somebody who follows the log. Lines say `now TIME`."""
        task_id, offset, ages, complete = self.submit(), 0, [], False
        while not complete:
            answer = self.log(task_id, offset, wait=10)
            ages += [time.time() - float(line.split()[1]) for line in answer.body.decode().splitlines()]
            offset, complete = int(answer.headers["X-Log-Next-Offset"]), answer.headers["X-Log-Complete"] == "true"
        assert self.stack.finished(task_id)["problems"] == []
        return ages

    def memory(self, word: str) -> dict[int, "Memory"]:
        """Of the product's processes whose command holds a word."""
        assert self.stack.process is not None
        found = {pid: Memory(pid) for pid in _below(self.stack.process.pid) if word in _command(pid)}
        assert found, f"no process of {word}"
        return found


class Memory:
    """A process's memory when it was looked at, and how far it has grown at its highest since then."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._before = self._status()["VmRSS"]

    def growth(self) -> int:
        return self._status()["VmHWM"] - self._before

    def _status(self) -> dict[str, int]:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.startswith("Vm")}


def wait_for(true: Any, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def _below(parent: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(pid)
    found = [parent]
    for pid in found:
        found += children.get(pid, [])
    return found

"""The product on several machines, as far as processes can be those: broker, web server, scheduler and workers, each to be killed.

Its engine is `datax` with a stand-in for Java that does what the job's text tells it, and keeps a ledger of what ran and when.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import standin
from tests.broker import Broker
from tests.stack import ROOT, Answer, Stack, new_stack

WORKERS = 4

_JAVA = """
import json, os, signal, sys, time
if "-version" in sys.argv:
    print('openjdk version "8.0.1" 2014-01-01', file=sys.stderr)
    sys.exit(0)
path = next(word for at, word in enumerate(sys.argv) if sys.argv[at - 1] == "-job")
job = json.load(open(path))
said = job["job"]["content"][0]["reader"]["parameter"]["column"][0]["value"]
do = json.loads(said)
ledger = os.open({ledger!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
def note(what):
    os.write(ledger, f"{{what}} {{do['key']}} {{os.getpid()}} {{time.monotonic()}}\\n".encode())
note("start")
if do.get("stubborn"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(do.get("children", 0)):
    if os.fork() == 0:
        note("child")
        time.sleep(3600)
def forget_output():
    for number in (0, 1, 2):
        os.dup2(os.open("/dev/null", os.O_RDWR), number)
if do.get("daemon"):
    told, tell = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            forget_output()
            note("child")
            os.close(tell)
            time.sleep(3600)
        os._exit(0)
    os.close(tell)
    os.read(told, 1)
if do.get("closes"):
    forget_output()
if do.get("shouts"):
    os.write(2, b"only here\\n" * 1000)
for _ in range(30 if do.get("drips") else 0):
    os.write(1, b"x")
    time.sleep(0.1)
time.sleep(do.get("seconds", 0))
if do.get("signal"):
    os.kill(os.getpid(), do["signal"])
print("Total 1 records, 5 bytes | Speed 5B/s, 1 records/s | Error 0 records, 0 bytes |  All Task WaitWriterTime 0.000s |"
      "  All Task WaitReaderTime 0.000s | Percentage 100.00%", flush=True)
note("end")
os._exit(do.get("code", 0))
"""


class Cluster:
    """`database_url` is where the tasks are (empty: SQLite); `folder` holds everything else. Nothing runs before `start`."""

    def __init__(self, folder: Path, database_url: str, **settings: str) -> None:
        self.folder, self.broker = folder, Broker()
        self._ledger = folder / "ledger"
        java = standin.PYTHON + _JAVA.format(ledger=str(self._ledger))
        given = {
            "DATABASE_URL": database_url,
            "REDIS_URL": self.broker.url,
            **standin.datax(folder, java),
            "WEB_WORKERS": "1",
            "WORKER_CONCURRENCY": "2",
            "LOST_AFTER": "5",
            "KILL_GRACE": "1",
            "RATE_LIMIT": "0",
            "ADDRESS_RATE_LIMIT": "0",
            **settings,
        }
        self.stack: Stack = new_stack(folder, **{name: value for name, value in given.items() if value})
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, workers: int = WORKERS) -> None:
        """Raises AssertionError with what the processes said when they do not come up; then none of them is left."""
        try:
            self._start(workers)
        except BaseException:
            self.stop()
            raise

    def _start(self, workers: int) -> None:
        self.stack.var_dir.mkdir(parents=True, exist_ok=True)
        self.broker.start()
        setup = [sys.executable, "-m", "flask", "--app", "wsgi", "setup"]
        subprocess.run(setup, cwd=ROOT, env=self.stack.env(), check=True, stdout=subprocess.DEVNULL)
        self.start_web()
        self.start_scheduler()
        for number in range(workers):
            self.start_worker(f"w{number}")
        self.wait_for(lambda: self._there(workers), 120)

    def start_web(self) -> None:
        self._run("web", "gunicorn", "--config", "python:webapp.local.gunicorn", "wsgi:app")

    def start_scheduler(self, name: str = "scheduler") -> None:
        self._run(name, "flask", "--app", "wsgi", "scheduler")

    def start_worker(self, name: str, **settings: str) -> None:
        worker = ("celery", "--quiet", "--app", "celery_app", "worker", "--loglevel", "WARNING", "--hostname", name)
        self._run(name, *worker, "--without-gossip", "--without-mingle", **{"WORKER_NAME": name, **settings})

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """The web server with those that it has forked; of the others the process itself, to see what it leaves."""
        pid = self.processes[name].pid
        forked = Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if name == "web" else []
        self.processes[name].send_signal(number)
        for child in forked:
            os.kill(int(child), number)
        if number == signal.SIGKILL:
            self.processes.pop(name).wait()

    def stop(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
        for process in self.processes.values():
            process.wait()
        self.broker.kill()

    def ready(self) -> bool:
        try:
            return self.stack.call("/readyz").status == 200
        except OSError:
            return False

    def _there(self, workers: int) -> bool:
        try:
            return self.stack.call("/readyz").json() == {"database": "ok", "broker": "ok", "workers": workers}
        except OSError:
            return False

    def submit(self, key: str, *, type: str = "execute", options: dict[str, Any] | None = None, **do: Any) -> str:
        """A task whose engine does what `do` says: seconds, code, stubborn, children, daemon, closes, shouts, drips, signal."""
        return str(self.post(key, type=type, options=options, **do).json()["id"])

    def post(self, key: str, *, headers: dict[str, str] | None = None, **fields: Any) -> Answer:
        answer = self.stack.call("/api/tasks", body(key, **fields), headers=headers)
        assert answer.status == 202, answer.body
        return answer

    def task(self, task_id: str) -> Any:
        return self.stack.call(f"/api/tasks/{task_id}").json()

    def finished(self, task_id: str, seconds: int = 60) -> Any:
        """The task once it is ready. As a client does, it asks again when it is told that the database is away."""
        self.wait_for(lambda: bool(self.task(task_id).get("ready")), seconds)
        return self.task(task_id)

    def started(self, task_id: str, seconds: int = 30) -> Any:
        """The task once its engine has begun."""
        self.wait_for(lambda: self.task(task_id)["state"] == "STARTED", seconds)
        return self.task(task_id)

    def ledger(self, what: str) -> Counter[str]:
        """How often the engine of each key noted it."""
        return Counter(line[1] for line in self._lines() if line[0] == what)

    def pids(self, key: str) -> list[int]:
        """The engine's processes of a key, its children too, once it has noted them."""
        self.wait_for(lambda: any(line[1] == key for line in self._lines()), 30)
        return [int(line[2]) for line in self._lines() if line[1] == key and line[0] in {"start", "child"}]

    def all_pids(self) -> list[int]:
        """Every process of an engine that there has been."""
        return [int(line[2]) for line in self._lines() if line[0] in {"start", "child"}]

    def spans(self) -> dict[str, list[tuple[float, float]]]:
        """When each key ran, by a clock that is the same for all."""
        begun: dict[tuple[str, str], float] = {}
        found: dict[str, list[tuple[float, float]]] = {}
        for what, key, pid, at in self._lines():
            if what == "start":
                begun[key, pid] = float(at)
            elif what == "end":
                found.setdefault(key, []).append((begun[key, pid], float(at)))
        return found

    def wait_for(self, true: Callable[[], bool], seconds: float) -> None:
        until = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < until, f"it did not happen in {seconds} s:\n{self.output()[-6000:]}"
            time.sleep(0.05)

    def output(self) -> str:
        files = sorted(self.folder.glob("*.out"))
        return "\n".join(f"--- {file.name}\n{file.read_text(errors='replace')[-20000:]}" for file in files)

    def _lines(self) -> list[list[str]]:
        return [line.split() for line in self._ledger.read_text().splitlines()] if self._ledger.exists() else []

    def _run(self, name: str, module: str, *arguments: str, **settings: str) -> None:
        environment = {**self.stack.env(), **settings}
        with (self.folder / f"{name}.out").open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment, stdout=output, stderr=output
            )


def body(key: str, *, type: str = "execute", options: dict[str, Any] | None = None, **do: Any) -> dict[str, Any]:
    """The body of a submit call."""
    column = [{"type": "string", "value": json.dumps({"key": key, **do})}]
    reader = {"name": "streamreader", "parameter": {"column": column, "sliceRecordCount": 1}}
    writer = {"name": "streamwriter", "parameter": {"print": False}}
    job = {"job": {"setting": {"speed": {"channel": 1}}, "content": [{"reader": reader, "writer": writer}]}}
    return {
        "job": job,
        "type": type,
        "name": key,
        **({"engine": "datax"} if type == "execute" else {}),
        **(options or {}),
    }

"""What supervising fifty engines costs: Celery's pools side by side, each with fifty engines that only sleep.

Told are the memory and the processor time of the worker's own processes, without the engines', and how quickly the fifty
start and end. Prefork needs its own connections and interpreters; threads share one.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from tests.conftest import stream
from tests.servers import start_postgres, start_valkey
from webapp import create_app
from webapp.cli import setup
from webapp.config import ROOT, load
from webapp.extensions import db
from webapp.states import FINAL, State
from webapp.tasks import service
from webapp.tasks.models import Task
from webapp.tasks.publishing import publish
from webapp.tasks.submission import Submission

POOLS = ("threads", "prefork")
ENGINES = 50
SLEEP_SECONDS = 30
START_LIMIT_SECONDS = 120

# A `java` that costs next to nothing: what is measured is who watches it.
JAVA = f"""#!/bin/sh
case " $* " in *" -version "*) echo 'openjdk version "1.8.0"' >&2; exit 0;; esac
exec sleep {SLEEP_SECONDS}
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of the worker's own processes: bytes proportional and resident, processor seconds."""

    processes: int
    proportional: int
    resident: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.processes} processes, {self.proportional / 2**20:.0f} MiB proportional, "
            f"{self.resident / 2**20:.0f} MiB resident"
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for pool in POOLS:
            print(_measured(pool, Path(folder) / pool), flush=True)


def _measured(pool: str, folder: Path) -> str:
    environment = _world(folder)
    app = create_app(load(environment))
    with app.app_context():
        setup(app.config["SETTINGS"])
        with _worker(pool, environment, folder) as worker:
            _submit(1)
            _until(lambda: _count(State.SUCCESS) == 1, SLEEP_SECONDS + START_LIMIT_SECONDS)
            idle = _cost(worker)
            _submit(ENGINES)
            _until(lambda: _launched() == ENGINES + 1, START_LIMIT_SECONDS)
            time.sleep(SLEEP_SECONDS / 2)
            busy = _cost(worker)
            used = (busy.seconds - idle.seconds) / (SLEEP_SECONDS / 2)
            _until(lambda: _count(*FINAL) == ENGINES + 1, SLEEP_SECONDS + START_LIMIT_SECONDS)
        start, end = _latencies()
    return (
        f"pool {pool}: idle {idle}; with {ENGINES} engines {busy}, {used:.0%} of a core with their starts; "
        f"start median {statistics.median(start):.2f} s, last {max(start):.2f} s; "
        f"end median {statistics.median(end):.2f} s, last {max(end):.2f} s"
    )


def _world(folder: Path) -> dict[str, str]:
    """Settings for a database and a broker of their own, and a DataX that sleeps."""
    home, java = folder / "datax", folder / "jdk" / "bin" / "java"
    for kind, name in (("reader", "streamreader"), ("writer", "streamwriter")):
        (home / "plugin" / kind / name).mkdir(parents=True)
        (home / "plugin" / kind / name / "plugin.json").write_text(json.dumps({"name": name}))
    (home / "lib").mkdir()
    (home / "lib" / "datax-core-0.0.1.jar").touch()
    java.parent.mkdir(parents=True)
    java.write_text(JAVA)
    java.chmod(0o755)
    return {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(folder / "var"),
        "DATABASE_URL": start_postgres().database().sqlalchemy_url,
        "REDIS_URL": start_valkey().url,
        "ADMIN_PASSWORD": "first-password",
        "DATAX_HOME": str(home),
        "JAVA_HOME": str(folder / "jdk"),
        "WORKER_CONCURRENCY": str(ENGINES),
    }


@contextmanager
def _worker(pool: str, environment: dict[str, str], folder: Path) -> Iterator[int]:
    # On Celery's command line prefork counts as nothing said, so that the setting would win.
    program = f"""
from celery_app import celery_app
celery_app.conf.worker_pool = {pool!r}
celery_app.worker_main(["worker", "--loglevel", "WARNING"])
"""
    command = [sys.executable, "-c", program]
    with (folder / "worker.log").open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _submit(count: int) -> int:
    for _ in range(count):
        publish(service.submit(Submission(job=stream(1), engine="datax"), None))
    return count


def _count(*states: State) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Task).where(Task.state.in_(states))) or 0


def _launched() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Task).where(Task.launched_at.is_not(None))) or 0


def _latencies() -> tuple[list[float], list[float]]:
    """Of the fifty: from the submit to the engine's start, and from its end to the stored result."""
    tasks = db.session.scalars(select(Task).order_by(Task.created_at).offset(1)).all()
    assert all(task.launched_at and task.exited_at and task.finished_at for task in tasks)
    return (
        [(task.launched_at - task.created_at).total_seconds() for task in tasks if task.launched_at],
        [(task.finished_at - task.exited_at).total_seconds() for task in tasks if task.finished_at and task.exited_at],
    )


def _until(holds: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "it did not come to pass in time"
        time.sleep(0.2)


def _cost(worker: int) -> Cost:
    """Everything below the worker that is not an engine; its watchdogs count, for they are part of supervising."""
    own = [pid for pid in _family(worker) if b"sleep" not in (Path("/proc") / str(pid) / "cmdline").read_bytes()[:8]]
    memory = [_memory(pid) for pid in own]
    return Cost(
        len(own), sum(each["Pss"] for each in memory), sum(each["Rss"] for each in memory), sum(map(_seconds, own))
    )


def _family(worker: int) -> set[int]:
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family, newest = {worker}, {worker}
    while newest:
        newest = {pid for pid, parent in parents.items() if parent in newest}
        family |= newest
    return family


def _memory(pid: int) -> dict[str, int]:
    lines = (Path("/proc") / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}


def _seconds(pid: int) -> float:
    fields = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()

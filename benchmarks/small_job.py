"""A one-row job: from submit to SUCCESS through the API, beside `python datax.py` of the same job where DATAX_HOME is set."""

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from tests.conftest import stream
from tests.stack import Stack

ROUNDS = 7
ARCHIVE_SECONDS = 60.0


def measure(stack: Stack) -> list[str]:
    home = os.environ.get("DATAX_HOME")
    bare = _bare(Path(home)) if home else None
    rows = [_row("duckdb", _through_the_api(stack, "duckdb"), bare, 0.03)]
    if home:
        _warm(stack)
        rows.append(_row("datax", _through_the_api(stack, "datax"), bare, 0.06))
    return [*rows, _own_share(stack)]


def _warm(stack: Stack) -> None:
    """The first run of DataX has the class-data archive made beside it, which the later ones start with."""
    stack.finished(stack.submit(stream(1), engine="datax"))
    until = time.monotonic() + ARCHIVE_SECONDS
    while not any((stack.var_dir / "class-archives").glob("*.jsa")) and time.monotonic() < until:
        time.sleep(0.2)


def _row(engine: str, seconds: float, bare: float | None, goal: float) -> str:
    beside = (
        f"   python datax.py {bare:.2f} s   ratio {seconds / bare:.3f} (goal <= {goal})"
        if bare
        else "   (DATAX_HOME is not set)"
    )
    return f"one row, engine {engine}: submit to SUCCESS {seconds:.3f} s{beside}"


def _through_the_api(stack: Stack, engine: str) -> float:
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        task_id = stack.submit(stream(1), engine=engine)
        answer = stack.call(f"/api/tasks/{task_id}/result?wait=30")
        taken.append(time.perf_counter() - started)
        assert answer.json()["success"], answer.body
    return statistics.median(taken)


def _bare(home: Path) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as job:
        json.dump(stream(1), job)
        job.flush()
        taken = []
        for _ in range(3):
            started = time.perf_counter()
            subprocess.run(
                [sys.executable, str(home / "bin" / "datax.py"), job.name], check=True, stdout=subprocess.DEVNULL
            )
            taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def _own_share(stack: Stack) -> str:
    """What is not the engine's own time: from accepted to started, and from its end to a readable result."""
    ids = [stack.finished(stack.submit(stream(1), engine="duckdb"))["id"] for _ in range(3 * ROUNDS)]
    query = f"SELECT created_at, launched_at, exited_at, finished_at FROM task WHERE id IN ({','.join('?' * len(ids))})"
    with sqlite3.connect(stack.var_dir / "datax-celery.db") as database:
        times = [[datetime.fromisoformat(moment) for moment in row] for row in database.execute(query, ids)]
    shares = [
        ((launched - created) + (finished - exited)).total_seconds() for created, launched, exited, finished in times
    ]
    return f"the worker's own share of a task's time: median {statistics.median(shares) * 1000:.1f} ms (goal < 50 ms)"

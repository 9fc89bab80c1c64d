"""Polls per second of a finished task's result, beside Flower's answer to the same question and an empty Flask view."""

import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.load import Target, poll
from tests.conftest import stream
from tests.stack import ROOT, Stack, free_port

ROUNDS = 3
WAITERS = 200


def measure(stack: Stack) -> list[str]:
    """Rows of the report. The targets take turns within each round, so that a slow moment hurts them alike."""
    task_id = stack.submit(stream(1))
    stack.finished(task_id)
    with _empty_view(stack) as empty, _flower(stack) as flower:
        targets = {
            "result": Target("127.0.0.1", stack.port, f"/api/tasks/{task_id}/result", stack.token),
            "empty Flask view": Target("127.0.0.1", empty, "/"),
            "Flower": Target("127.0.0.1", flower, f"/api/task/result/{task_id}"),
        }
        rates: dict[str, list[float]] = {name: [] for name in targets}
        for _ in range(ROUNDS):
            for name, target in targets.items():
                rates[name].append(len(poll(target, seconds=4)) / 4)
    ours, view, other = (statistics.median(rates[name]) for name in targets)
    return [
        f"polls/s of a result {ours:,.0f}   empty Flask view {view:,.0f}   Flower {other:,.0f}",
        f"  ratio to an empty Flask view {ours / view:.2f} (goal >= 0.7)   to Flower {ours / other:.2f} (goal >= 2)",
        _beside_waiters(stack, targets["result"]),
    ]


def _beside_waiters(stack: Stack, target: Target) -> str:
    """The 99th percentile of a poller while many clients hold `?wait=30`."""
    sleeping = stream(9, path=str(stack.var_dir.parent), fileName="endless", recordNumBeforeSleep=1, sleepTime=3600)
    waiting = stack.submit(sleeping, timeout=60)
    threads = [
        threading.Thread(target=stack.call, args=(f"/api/tasks/{waiting}/result?wait=30",), daemon=True)
        for _ in range(WAITERS)
    ]
    for thread in threads:
        thread.start()
    time.sleep(2)
    latencies = sorted(poll(target, connections=1, seconds=5))
    held = sum(thread.is_alive() for thread in threads)
    stack.call(f"/api/tasks/{waiting}/cancel", b"", method="POST")
    p99 = latencies[int(len(latencies) * 0.99)] * 1000
    return (
        f"a poller beside {held} held requests: 99th percentile {p99:.1f} ms of {len(latencies)} polls (goal < 100 ms)"
    )


@contextmanager
def _serving(command: list[str], port: int, path: str, environment: dict[str, str]) -> Iterator[int]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}{path}")
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _empty_view(stack: Stack) -> "contextmanager[int]":  # type: ignore[type-arg]
    port = free_port()
    environment = {**stack.env(), "PORT": str(port)}
    command = [sys.executable, "-m", "gunicorn", "--config", "python:webapp.local.gunicorn", "benchmarks.empty:app"]
    return _serving(command, port, "/", environment)


def _flower(stack: Stack) -> "contextmanager[int]":  # type: ignore[type-arg]
    port = free_port()
    environment = {**os.environ, **stack.env(), "FLOWER_UNAUTHENTICATED_API": "true"}
    command = [sys.executable, "-m", "celery", "-A", "celery_app", "flower", f"--port={port}", "--address=127.0.0.1"]
    return _serving(command, port, "/healthcheck", environment)

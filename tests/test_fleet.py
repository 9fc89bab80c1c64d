"""Two real workers, one with DataX and one without, a web machine without it, and queues that are paused or that nobody serves."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from tests import standin
from tests.conftest import stream
from tests.databases import Server
from tests.stack import ROOT, Stack, new_stack
from webapp.workers import service

# A DataX that says what it was given and, where a file tells it to, takes its time.
JAVA = """#!/bin/sh
case " $* " in *" -version "*) echo 'openjdk version "1.8.0"' >&2; exit 0;; esac
echo "I am DataX"
while [ -e "{hold}" ]; do sleep 0.05; done
"""

HDFS = {
    "job": {
        "setting": {"speed": {"channel": 1}},
        "content": [
            {
                "reader": {
                    "name": "hdfsreader",
                    "parameter": {"path": "/a", "defaultFS": "hdfs://h:1", "fileType": "text", "column": ["*"]},
                },
                "writer": {"name": "streamwriter", "parameter": {"print": True}},
            }
        ],
    }
}


class Machine:
    """A worker machine with a DataX of its own, which shares database, broker and logs with the product."""

    def __init__(self, product: Stack, folder: Path, name: str, **environment: str) -> None:
        self.product, self.name = product, name
        self.home, self.hold = folder / name, folder / f"{name}.hold"
        self.environment = {**product.env(), "WORKER_NAME": name, **self._datax(), **environment}
        self.log = folder / f"{name}.log"
        self.start()

    def _datax(self) -> dict[str, str]:
        plugins = ("hdfsreader", *standin.STREAM)
        return standin.datax(self.home, JAVA.format(hold=self.hold), plugins)

    def start(self) -> None:
        command = [sys.executable, "-m", "celery", "-A", "celery_app", "worker", "--loglevel", "WARNING"]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )
        until(lambda: self.state() == "alive")

    def state(self) -> str | None:
        workers = self.product.call("/api/workers").json()
        found = {worker["pid"]: worker["state"] for worker in workers if worker["name"] == self.name}
        return found.get(self.process.pid)

    def engines(self) -> list[int]:
        """The engines of this machine that run, whoever their parent is now."""
        own = str(self.home).encode()
        return [int(each.name) for each in Path("/proc").glob("[0-9]*") if own in _command(each)]

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(30)


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:  # gone
        return b""


def until(holds: Callable[[], object], seconds: float = 40) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "it did not come to pass"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def product(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Web, scheduler and a worker on a machine without DataX."""
    url = postgres.database().sqlalchemy_url
    stack = new_stack(tmp_path_factory.mktemp("fleet"), DATABASE_URL=url, WORKER_NAME="plain", LOST_AFTER="5")
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture(scope="module")
def big(product: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    machine = Machine(product, tmp_path_factory.mktemp("machines"), "big", WORKER_QUEUES="default, big")
    yield machine
    machine.end(signal.SIGTERM)


def workers(product: Stack) -> dict[str, Any]:
    return {worker["name"]: worker for worker in product.call("/api/workers").json()}


def task(product: Stack, task_id: str) -> Any:
    return product.call(f"/api/tasks/{task_id}").json()


def test_each_worker_announces_itself_its_queues_its_memory_and_its_engines(product: Stack, big: Machine) -> None:
    until(lambda: len(workers(product)) == 2)
    found = workers(product)
    assert {name: worker["state"] for name, worker in found.items()} == {"plain": "alive", "big": "alive"}
    assert found["plain"]["queues"] == ["default"] and found["big"]["queues"] == ["big", "default"]
    assert all(worker["memory"]["worker"] > 10_000_000 for worker in found.values())
    datax = {name: next(e for e in worker["engines"] if e["name"] == "datax") for name, worker in found.items()}
    assert not datax["plain"]["available"] and datax["big"]["available"]
    assert datax["big"]["readers"] == ["hdfsreader", "streamreader"]


def test_a_web_machine_without_datax_offers_and_checks_what_the_worker_has(product: Stack, big: Machine) -> None:
    datax = next(engine for engine in product.call("/api/engines").json() if engine["name"] == "datax")
    assert datax["available"] and "hdfsreader" in datax["readers"]
    assert product.call("/api/check", {"job": HDFS}).json()["valid"]


def test_tasks_that_only_one_worker_can_run_all_run_there_and_none_fails(product: Stack, big: Machine) -> None:
    ids = [product.submit(HDFS) for _ in range(12)]
    ended = [product.finished(task_id) for task_id in ids]
    assert {each["worker"] for each in ended} == {"big"}
    assert {(each["outcome"], each["engine"], each["attempt"]) for each in ended} == {("succeeded", "datax", 1)}
    assert "I am DataX" in ended[0]["result"]["stdout"]


def test_tasks_sent_straight_through_celery_run_where_they_can_too(product: Stack, big: Machine) -> None:
    broker = (product.var_dir / "broker" / "url").read_text().strip()
    with Celery(broker=broker, set_as_current=False) as celery:
        ids = [celery.send_task("execute_datax_job", (HDFS,), queue="default").id for _ in range(6)]
    until(lambda: all(product.call(f"/api/tasks/{task_id}").status == 200 for task_id in ids))
    ended = [product.finished(task_id) for task_id in ids]
    assert {(each["worker"], each["outcome"], each["attempt"]) for each in ended} == {("big", "succeeded", 1)}


def test_tasks_that_everybody_can_run_are_not_kept_for_the_one_with_datax(product: Stack, big: Machine) -> None:
    big.hold.touch()
    try:
        ids = [product.submit(stream(1), engine="duckdb") for _ in range(8)]
        assert {product.finished(task_id)["outcome"] for task_id in ids} == {"succeeded"}
    finally:
        big.hold.unlink()


def test_a_paused_queue_starts_nothing_while_what_runs_goes_on(product: Stack, big: Machine) -> None:
    big.hold.touch()
    running = product.submit(HDFS, queue="big")
    until(lambda: task(product, running)["state"] == "STARTED")
    assert workers(product)["big"]["running"][0]["id"] == running
    product.call("/api/queues/big/pause", b"")
    waiting = product.submit(HDFS, queue="big")
    until(lambda: "paused" in waits_for(product, waiting))
    big.hold.unlink()

    assert product.finished(running)["outcome"] == "succeeded"
    assert task(product, waiting)["state"] == "PENDING"
    depth = next(queue for queue in product.call("/api/queues").json() if queue["name"] == "big")
    assert (depth["paused"], depth["waiting"], depth["running"]) == (True, 1, 0)

    product.call("/api/queues/big/resume", b"")
    assert product.finished(waiting)["outcome"] == "succeeded"


def test_a_task_of_a_queue_that_nobody_serves_says_so(product: Stack, big: Machine) -> None:
    waiting = product.submit(stream(1), queue="nobody")
    assert "No worker that is alive serves the queue nobody" in waits_for(product, waiting)
    product.call(f"/api/tasks/{waiting}/cancel", b"")


def test_a_task_whose_only_worker_has_stopped_waits_for_it_and_says_so(product: Stack, big: Machine) -> None:
    big.end(signal.SIGTERM)
    stopped = big.process.pid
    assert [w["state"] for w in product.call("/api/workers").json() if w["pid"] == stopped] == ["stopped"]
    waiting = product.submit(HDFS)
    until(lambda: "has datax with hdfsreader, streamwriter" in waits_for(product, waiting))
    assert task(product, waiting)["state"] == "PENDING"

    big.start()
    ended = product.finished(waiting)
    assert (ended["worker"], ended["outcome"], ended["attempt"]) == ("big", "succeeded", 1)


def test_a_worker_that_was_killed_counts_as_away_and_its_engines_are_gone(product: Stack, big: Machine) -> None:
    big.hold.touch()
    running = product.submit(HDFS)
    until(lambda: task(product, running)["state"] == "STARTED" and big.engines())
    os.kill(big.process.pid, signal.SIGKILL)
    big.process.wait(10)
    assert big.state() == "alive", "nobody can know at once"
    until(lambda: not big.engines())
    until(lambda: big.state() == "away", service.AWAY_AFTER.total_seconds() + 10)
    assert product.finished(running)["outcome"] == "lost"

    big.hold.unlink()
    big.start()
    assert [worker["name"] for worker in product.call("/api/workers").json()].count("big") == 1


def waits_for(product: Stack, task_id: str) -> str:
    found = task(product, task_id)["waiting_for"]
    return str(found["message"]) if found else ""

"""The database restarts in the midst of runs, the clock of every process is set back, the broker is away for a minute."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest

from tests.databases import Database, Server
from tests.faults.cluster import Cluster
from tests.servers import start_postgres

# Put before everything else in a process: its wall clock goes wrong by as many seconds as a file says. Its monotonic clock stays.
SET_CLOCK = """
import importlib.util, sys, time
from datetime import timedelta

real = time.time
def wrong():
    with open({file!r}) as file:
        return float(file.read())
time.time = lambda: real() + wrong()

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name != "webapp.clock":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        run = spec.loader.exec_module
        def exec_module(module):
            run(module)
            now = module.now
            module.now = lambda: now() + timedelta(seconds=wrong())
        spec.loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, Finder())
"""


class Restartable:
    """A PostgreSQL server of its own, to be shut down in an instant and started again.

    What it has confirmed is written; those that the other tests share save the time for that.
    """

    def __init__(self) -> None:
        self.server = start_postgres()
        pid = int(next(Path(self.server.folder).glob("*/postmaster.pid")).read_text().splitlines()[0])
        self._command = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        self._owner = os.stat(f"/proc/{pid}").st_uid
        self._command = [word.replace(b"synchronous_commit=off", b"synchronous_commit=on") for word in self._command]
        os.kill(pid, signal.SIGINT)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.05)
        self.start()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGQUIT)  # an immediate shutdown: no connection is asked to finish
        self._process.wait(30)

    def send(self, number: signal.Signals) -> None:
        """A signal to the server and to each process of its connections."""
        self._process.send_signal(number)
        for pid in Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split():
            os.kill(int(pid), number)

    def start(self) -> None:
        with open(os.devnull, "wb") as nothing:
            self._process = subprocess.Popen(self._command, user=self._owner, stdout=nothing, stderr=nothing, cwd="/")
        until = time.monotonic() + 30
        while not self._answers():
            assert time.monotonic() < until, "PostgreSQL did not start"
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            Database(self.server, "postgres").execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)


@pytest.fixture
def restartable() -> Iterator[Restartable]:
    database = Restartable()
    yield database
    database.stop()


def cluster_on(folder: Path, database: Database, workers: int, **settings: str) -> Cluster:
    cluster = Cluster(folder, database.sqlalchemy_url, **settings)
    cluster.start(workers)
    return cluster


def restarted(database: Restartable, cluster: Cluster, task_id: str) -> None:
    database.kill()
    time.sleep(5)
    refused = cluster.stack.call("/api/tasks", {"job": {"job": {"content": []}}})
    assert refused.status == 503 and refused.headers["Content-Type"] == "application/problem+json"
    database.start()


def frozen(database: Restartable, cluster: Cluster, task_id: str) -> None:
    """As a machine that is moved to another host, or whose disk answers nothing: longer than after which a worker counts as lost."""
    answers: list[dict[str, Any]] = []
    asking = Thread(target=lambda: answers.append(cluster.task(task_id)))
    database.send(signal.SIGSTOP)
    asking.start()
    time.sleep(12)
    assert asking.is_alive() and not answers
    database.send(signal.SIGCONT)
    asking.join(30)
    assert answers[0]["state"] == "STARTED"


@pytest.mark.parametrize("go_away", [restarted, frozen])
def test_a_database_that_goes_away_in_the_midst_of_runs_loses_nothing(
    go_away: Callable[[Restartable, Cluster, str], None], restartable: Restartable, tmp_path: Path
) -> None:
    cluster = cluster_on(tmp_path, restartable.server.database(), 2)
    try:
        over, ends_meanwhile = cluster.submit("over", seconds=16), cluster.submit("meanwhile", seconds=4)
        queued = [cluster.submit(f"queued{number}", seconds=3) for number in range(4)]
        for task_id in (over, ends_meanwhile):
            cluster.started(task_id)
        cluster.pids("meanwhile")
        go_away(restartable, cluster, over)
        cluster.wait_for(cluster.ready, 60)
        for task_id in (over, ends_meanwhile, *queued):
            task = cluster.finished(task_id, 90)
            assert (task["outcome"], task["attempt"]) == ("succeeded", 1)
        assert set(cluster.ledger("start").values()) == {1}
    finally:
        cluster.stop()


def test_a_clock_set_back_ten_minutes_or_forward_a_day_stops_nothing(postgres: Server, tmp_path: Path) -> None:
    offset, first = tmp_path / "offset", tmp_path / "first"
    offset.write_text("0")
    first.mkdir()
    (first / "sitecustomize.py").write_text(SET_CLOCK.format(file=str(offset)))
    database = postgres.database()
    cluster = cluster_on(tmp_path, database, 2, PYTHONPATH=str(first))
    try:
        running = cluster.submit("running", seconds=8)
        again = cluster.submit("retried", code=1, options={"retries": 2})
        cluster.started(running)
        cluster.wait_for(lambda: cluster.task(again)["state"] == "RETRY", 30)
        offset.write_text("-600")
        after = [cluster.submit(f"after{number}") for number in range(3)]
        assert cluster.task(after[0])["created_at"] < cluster.task(running)["created_at"], "the clock was set back"
        for task_id in (running, *after):
            task = cluster.finished(task_id)
            assert (task["outcome"], task["attempt"]) == ("succeeded", 1)
        assert (cluster.finished(again, 90)["outcome"], cluster.task(again)["attempt"]) == ("failed", 3)
        in_time = cluster.submit("in-time", options={"queue": "nobody", "expires": 3600})
        running, again = cluster.submit("forward", seconds=4), cluster.submit("early", code=1, options={"retries": 1})
        cluster.started(running)
        cluster.wait_for(lambda: cluster.task(again)["state"] == "RETRY", 30)
        offset.write_text("86400")
        for task_id in (running, cluster.submit("tomorrow")):
            assert (cluster.finished(task_id)["outcome"], cluster.task(task_id)["attempt"]) == ("succeeded", 1)
        assert cluster.finished(again)["attempt"] == 2
        assert cluster.finished(in_time)["error"]["code"] == "expired"
        workers = cluster.stack.call("/api/workers").json()
        assert [worker["state"] for worker in workers] == ["alive", "alive"]
        cluster.kill(cluster.started(cluster.submit("lost", seconds=600))["worker"])
        (lost,) = cluster.stack.call("/api/tasks?name=lost").json()["items"]
        assert cluster.finished(lost["id"])["outcome"] == "lost"
    finally:
        cluster.stop()
        database.drop()


def test_tasks_submitted_in_a_minute_without_a_broker_are_accepted_at_once_and_run(
    postgres: Server, tmp_path: Path
) -> None:
    database = postgres.database()
    cluster = cluster_on(tmp_path, database, 1)
    try:
        cluster.broker.kill()
        until, ids, slowest = time.monotonic() + 60, [], 0.0
        while time.monotonic() < until:
            began = time.monotonic()
            ids.append(cluster.submit(f"minute{len(ids)}", type="validate"))
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(1)
        cluster.broker.start()
        assert [cluster.finished(task_id, 90)["outcome"] for task_id in ids] == ["valid"] * len(ids)
        assert slowest < 1
    finally:
        cluster.stop()
        database.drop()

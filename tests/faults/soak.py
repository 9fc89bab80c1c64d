"""Mixed work with random kills of any process every few seconds: `python -m tests.faults.soak [SECONDS [SEED]]`.

At the end every accepted task is in a final state, ran at most 1 + retries times, and no process, file or key is left behind.
"""

import contextlib
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.error import URLError

import redis

from tests.databases import Database
from tests.faults.cluster import Cluster, body
from tests.processes import alive, gone
from tests.servers import start_postgres

KILL_EACH_SECONDS = 5.0
WORKERS = 3
# What a client sees while the web server is dead or the database answers late: it asks again.
AWAY = (URLError, OSError, ConnectionError)


@dataclass
class Soak:
    """`accepted` are the tasks whose id a client was told, with the retries that each may take."""

    cluster: Cluster
    seed: int
    accepted: dict[str, int] = field(default_factory=dict)
    kills: list[str] = field(default_factory=list)

    def run(self, seconds: float) -> None:
        over = Event()
        client = Thread(target=self._submit, args=(over,))
        client.start()
        try:
            self._kill(seconds)
        finally:
            over.set()
            client.join()
        self._all_in_place()

    def _submit(self, over: Event) -> None:
        chance, number = random.Random(self.seed), 0
        while not over.wait(chance.uniform(0.05, 0.3)):
            number += 1
            wanted = self._wish(chance, number)
            answer = self._asked(wanted, {"Idempotency-Key": f"soak-{number}"}, over)
            if answer is not None:
                self.accepted[answer["id"]] = wanted.get("retries", 0)
                if chance.random() < 0.1:
                    with contextlib.suppress(*AWAY):
                        self.cluster.stack.call(f"/api/tasks/{answer['id']}/cancel", method="POST")

    def _asked(self, wanted: dict[str, Any], headers: dict[str, str], over: Event) -> Any:
        """Ask until there is an answer, as the key allows; None when the time was over before."""
        while True:
            with contextlib.suppress(*AWAY):
                answer = self.cluster.stack.call("/api/tasks", wanted, headers=headers)
                if answer.status == 202:
                    return answer.json()
                assert answer.status in {500, 502, 503}, answer.body
            if over.wait(0.3):
                return None

    @staticmethod
    def _wish(chance: random.Random, number: int) -> dict[str, Any]:
        options: dict[str, Any] = {"priority": chance.randrange(10)}
        if chance.random() < 0.4:
            options["retries"] = chance.randrange(1, 3)
        if chance.random() < 0.2:
            options["exclusive"] = chance.choice(["a", "b"])
        if chance.random() < 0.1:
            options["timeout"] = 1
        type = "validate" if chance.random() < 0.3 else "execute"
        does = {"seconds": round(chance.uniform(0, 2), 2), "code": chance.choice([0, 0, 0, 1])}
        does["children"] = chance.choice([0, 0, 0, 2])
        return body(f"soak{number}", type=type, options=options, **does)

    def _kill(self, seconds: float) -> None:
        chance, until = random.Random(self.seed + 1), time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(KILL_EACH_SECONDS)
            name = chance.choice([*self.cluster.processes, "broker"])
            self.kills.append(name)
            if name == "broker":
                self.cluster.broker.kill()
                time.sleep(1)
                self.cluster.broker.start()
            else:
                self.cluster.kill(name)
                self._start(name)

    def _start(self, name: str) -> None:
        if name == "web":
            self.cluster.start_web()
        elif name.startswith("scheduler"):
            self.cluster.start_scheduler(name)
        else:
            self.cluster.start_worker(name)

    def _all_in_place(self) -> None:
        self.cluster.wait_for(self.cluster.ready, 60)
        self.cluster.wait_for(lambda: not self._open(), 240)

    def _open(self) -> list[str]:
        states = ("PENDING", "STARTED", "RETRY")
        found = [self.cluster.stack.call(f"/api/tasks?state={state}&limit=200").json()["items"] for state in states]
        return [task["id"] for part in found for task in part]

    def faults(self) -> list[str]:
        """What is not as it must be, in sentences; empty when all is well."""
        return [*self._faulty_tasks(), *self._left_processes(), *self._left_files(), *self._left_messages()]

    def _faulty_tasks(self) -> list[str]:
        found, starts, spans = [], self.cluster.ledger("start"), self.cluster.spans()
        for task_id, retries in self.accepted.items():
            task = self.cluster.task(task_id)
            if not task["ready"] or task["result"] is None:
                found.append(f"{task_id} is {task['state']} without a result")
            if starts[task["name"]] > 1 + retries:
                found.append(f"{task['name']} ran {starts[task['name']]} times with {retries} retries")
            if task["outcome"] == "succeeded" and task["type"] == "execute" and task["name"] not in spans:
                found.append(f"{task['name']} succeeded without having run to its end")
        return found

    def _left_processes(self) -> list[str]:
        gone(*self.cluster.all_pids())
        return [f"process {pid} is left" for pid in self.cluster.all_pids() if alive(pid)]

    def _left_files(self) -> list[str]:
        folder = self.cluster.stack.var_dir / "run"
        self._wait(lambda: not os.listdir(folder), 30)
        return [f"{name} is left in {folder}" for name in os.listdir(folder)]

    def _left_messages(self) -> list[str]:
        """A dead worker's messages come back after the visibility time, find nothing to do, and go."""
        client = redis.Redis(port=self.cluster.broker.port)

        def left() -> list[str]:
            names = [name.decode() for name in client.scan_iter()]
            return [name for name in names if name.startswith(("default", "unacked")) and name != "unacked_mutex"]

        self._wait(lambda: not left(), 60)
        return [f"{name} is left in the broker" for name in left()]

    @staticmethod
    def _wait(true: Any, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not true() and time.monotonic() < until:
            time.sleep(0.2)


def soak(folder: Path, database: Database, seconds: float, seed: int) -> tuple[Soak, list[str]]:
    """Run it whole. Returns what was done, and what is not as it must be."""
    cluster = Cluster(folder, database.sqlalchemy_url, VISIBILITY_TIMEOUT="5", STOP_GRACE="2")
    cluster.start(WORKERS)
    cluster.start_scheduler("scheduler2")
    try:
        run = Soak(cluster, seed)
        run.run(seconds)
        return run, run.faults()
    finally:
        cluster.stop()


def main(seconds: float = 600, seed: int | None = None) -> int:
    seed = random.randrange(10**6) if seed is None else seed
    with tempfile.TemporaryDirectory() as folder:
        run, faults = soak(Path(folder), start_postgres().database(), seconds, seed)
    print(f"seed {seed}: {len(run.accepted)} tasks accepted, {len(run.kills)} kills, {len(faults)} faults")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*(float(word) for word in sys.argv[1:2]), *(int(word) for word in sys.argv[2:3])))

"""10,000 tasks by 8 clients at once, for 4 workers: each runs once, the urgent ones first, and every result can be read."""

import json
import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.databases import Server
from tests.faults.cluster import WORKERS, Cluster, body

TASKS = int(os.environ.get("CROWD_TASKS", "10000"))
CLIENTS = 8
# One in so many runs an engine; the rest are checks, which run in the worker itself.
ENGINE_EACH = 25


class Client:
    """One connection, kept open as a program would keep it."""

    def __init__(self, cluster: Cluster) -> None:
        self._connection = HTTPConnection("127.0.0.1", cluster.stack.port, timeout=120)
        self._headers = {"Authorization": f"Bearer {cluster.stack.token}", "Content-Type": "application/json"}

    def call(self, path: str, sent: Any = None) -> tuple[int, Any]:
        data = None if sent is None else json.dumps(sent)
        self._connection.request("GET" if sent is None else "POST", path, data, self._headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())


def wish(number: int, priority: int) -> dict[str, Any]:
    type = "validate" if number % ENGINE_EACH else "execute"
    return body(f"p{priority}-{number}", type=type, options={"priority": priority})


def test_ten_thousand_tasks_at_once(postgres: Server, tmp_path: Path) -> None:
    database = postgres.database()
    cluster = Cluster(tmp_path, database.sqlalchemy_url)
    cluster.start(workers=0)
    try:
        order = random.Random(7)
        wishes = [wish(number, order.randrange(10)) for number in range(TASKS)]

        def submit(part: list[dict[str, Any]]) -> list[str]:
            client = Client(cluster)
            answers = [client.call("/api/tasks", each) for each in part]
            assert {status for status, _ in answers} == {202}
            return [task["id"] for _, task in answers]

        def read(ids: list[str]) -> list[Any]:
            client = Client(cluster)
            answers = [client.call(f"/api/tasks/{task_id}/result?wait=60") for task_id in ids]
            return [value for status, value in answers if status == 200]

        with ThreadPoolExecutor(CLIENTS) as clients:
            ids = list(clients.map(submit, [wishes[start::CLIENTS] for start in range(CLIENTS)]))
            for number in range(WORKERS):
                cluster.start_worker(f"w{number}")
            cluster.wait_for(lambda: not unfinished(cluster), 900)
            results = [value for part in clients.map(read, ids) for value in part]
        assert len({task_id for part in ids for task_id in part}) == TASKS == len(results)
        assert all(value is True or value["success"] for value in results)
        started = cluster.ledger("start")
        assert set(started.values()) == {1} and len(started) == len(range(0, TASKS, ENGINE_EACH))
        assert attempts(cluster, database.sqlalchemy_url) == {1: TASKS}
        assert_in_order(cluster)
    finally:
        cluster.stop()
        database.drop()


def test_four_workers_and_eight_clients_on_sqlite_never_see_a_lock(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, "")
    cluster.start()
    try:

        def work(number: int) -> list[int]:
            client, seen = Client(cluster), []
            for each in range(40):
                options = {"exclusive": f"k{each % 3}", "retries": 1} if each % 4 == 0 else {}
                type = "execute" if each % 10 == 0 else "validate"
                status, task = client.call("/api/tasks", body(f"{number}-{each}", type=type, options=options))
                seen += [status, client.call("/api/tasks?limit=20")[0], client.call(f"/api/tasks/{task['id']}")[0]]
            return seen

        with ThreadPoolExecutor(CLIENTS) as clients:
            seen = Counter(status for part in clients.map(work, range(CLIENTS)) for status in part)
        cluster.wait_for(lambda: not unfinished(cluster), 300)
        assert seen == {202: 40 * CLIENTS, 200: 80 * CLIENTS}
        assert set(cluster.ledger("start").values()) == {1}
        assert "locked" not in cluster.output()
    finally:
        cluster.stop()


def unfinished(cluster: Cluster) -> bool:
    states = ("PENDING", "STARTED", "RETRY")
    return any(cluster.stack.call(f"/api/tasks?state={state}&limit=1").json()["items"] for state in states)


def attempts(cluster: Cluster, url: str) -> dict[int, int]:
    import sqlalchemy

    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        return Counter(connection.execute(sqlalchemy.text("SELECT attempt FROM task")).scalars())


def assert_in_order(cluster: Cluster) -> None:
    """By the priority of each engine's start. Those that are on their way to a worker already may be overtaken."""
    spans = sorted((begun, key) for key, ((begun, _),) in cluster.spans().items())
    priorities = [int(key[1]) for _, key in spans]
    on_their_way = 2 * WORKERS * 2
    for at, priority in enumerate(priorities):
        assert max(priorities[at + on_their_way :], default=0) <= priority, (at, priorities)

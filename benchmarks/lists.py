"""Lists and polls at 1,000,000 tasks beside 1,000, on SQLite and on PostgreSQL: `python -m benchmarks.lists [ROWS]`."""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.servers import start_postgres
from webapp import clock, create_app
from webapp.accounts import service as accounts
from webapp.accounts import tokens
from webapp.cli import setup
from webapp.config import load
from webapp.extensions import db
from webapp.tasks.models import Task, TaskResult

FEW, MANY = 1_000, 1_000_000
BATCH = 10_000
ROUNDS = 15
# A list or a poll of many rows may take this many times what it takes of few.
GOAL = 1.5

OUTCOMES = ("succeeded", "succeeded", "succeeded", "failed", "cancelled")
ANSWER = '{"success": true, "exit_code": 0, "stdout": "out", "stderr": ""}'


def rows(count: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Finished tasks with their results, the oldest first; one in a thousand waits."""
    begin = clock.now() - timedelta(seconds=count)
    for number in range(count):
        task_id, waits = f"{number:08d}-0000-4000-8000-000000000000", number % 1000 == 0
        created = begin + timedelta(seconds=number)
        task = {
            "id": task_id,
            "type": "execute" if number % 4 else "validate",
            "name": f"job {number % 50}",
            "state": "PENDING" if waits else "SUCCESS",
            "outcome": None if waits else OUTCOMES[number % len(OUTCOMES)] if number % 4 else "valid",
            "created_at": created,
            "published_at": created,
            "started_at": None if waits else created,
            "finished_at": None if waits else created,
            "attempt": 0 if waits else 1,
        }
        yield (
            task,
            {"task_id": task_id, "value": ANSWER if number % 4 else "true", "brief": ANSWER if number % 4 else "true"},
        )


def fill(count: int) -> None:
    source = rows(count)
    project = accounts.account_named("admin")
    while batch := list(islice(source, BATCH)):
        db.session.execute(db.insert(Task), [{**task, "account_id": project.id} for task, _ in batch])
        results = [result for task, result in batch if task["state"] == "SUCCESS"]
        db.session.execute(db.insert(TaskResult), results)
        db.session.commit()
    for table in ("task", "task_result"):
        db.session.execute(db.text(f"ANALYZE {table}"))
    db.session.commit()


def calls(count: int) -> dict[str, str]:
    middle = f"{count // 2 | 1:08d}-0000-4000-8000-000000000000"
    return {
        "list": "/api/tasks?limit=50",
        "by state": "/api/tasks?state=PENDING&limit=50",
        "by outcome": "/api/tasks?outcome=failed&limit=50",
        "by name": "/api/tasks?name=job%207&limit=50",
        "by type": "/api/tasks?type=validate&limit=50",
        "poll": f"/api/tasks/{middle}/result",
        "page": "/",
    }


def seconds(app: Flask, count: int) -> dict[str, float]:
    """The median of each call, in the process itself: what the server spends, without a network."""
    with app.app_context():
        token = tokens.create(accounts.account_named("admin"), "lists")
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    found = {}
    for name, path in calls(count).items():
        found[name] = statistics.median(_once(client, path) for _ in range(ROUNDS))
    return found


def _once(client: FlaskClient, path: str) -> float:
    began = time.perf_counter()
    answer = client.get(path)
    taken = time.perf_counter() - began
    assert answer.status_code in {200, 302}, answer.text
    return taken


def measure(url: str | None, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        given = {"VAR_DIR": folder, "ADMIN_PASSWORD": "first-password", "RATE_LIMIT": "0", "ADDRESS_RATE_LIMIT": "0"}
        app = create_app(load({**given, **({"DATABASE_URL": url} if url else {})}))
        with app.app_context():
            setup(app.config["SETTINGS"])
            fill(count)
            db.session.remove()
        found = seconds(app, count)
        with app.app_context():
            db.engine.dispose()
        return found


def main(many: int = MANY) -> None:
    server = start_postgres()
    for kind, database in (("SQLite", lambda: None), ("PostgreSQL", lambda: server.database().sqlalchemy_url)):
        few, full = measure(database(), FEW), measure(database(), many)
        for name in few:
            ratio = full[name] / few[name]
            print(
                f"{kind:11} {name:11} {full[name] * 1000:7.2f} ms at {many:,} rows, {ratio:.2f} x {FEW:,} rows (goal <= {GOAL})",
                flush=True,
            )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))

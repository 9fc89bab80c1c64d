"""Lists and polls at 1,000,000 tasks beside 1,000, on SQLite and on PostgreSQL.

`python -m benchmarks.lists [ROWS [PART OF A DATABASE'S NAME]]`

Both sizes fill a page with every filter, are asked in turns by one process, and pay for a busy machine alike. SQLite works in this
process, so that its CPU time is the honest figure; PostgreSQL works in another one, so that only the clock on the wall sees it.
"""

import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from flask import Flask, url_for

from tests.servers import start_postgres
from tests.webapp.visitor import Visitor
from webapp import clock, create_app
from webapp.accounts import service as accounts
from webapp.cli import setup
from webapp.config import load
from webapp.extensions import db
from webapp.tasks.listing import cursor_after
from webapp.tasks.models import Task, TaskResult

FEW, MANY = 1_000, 1_000_000
BATCH = 10_000
WARM_UP, ROUNDS = 5, 40
# A list or a poll of many rows may take this many times what it takes of few.
GOAL = 1.5
# A search looks through more rows than few are, yet never through so many that a page of it takes longer.
SECONDS_GOAL = 0.1

ANSWER = '{"success": true, "exit_code": 0, "stdout": "out", "stderr": ""}'
PROGRESS = {"records_read": 3, "records_failed": 0, "bytes_read": 61, "records_per_second": 14.2, "percent": 100.0}
ERROR = {"code": "Framework-14", "message": "too many dirty records", "hint": None}
Clock = Callable[[], float]


@dataclass
class Size:
    """A database of so many tasks, behind a visitor who is signed in, and how long each call took."""

    visitor: Visitor
    paths: dict[str, str]
    searches: dict[str, str]
    taken: dict[str, list[float]] = field(default_factory=dict)


def rows(count: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Tasks with their results, the oldest first: one in ten waits, one in five fails, nothing in `archive` is ever cancelled."""
    begin, chance = clock.now() - timedelta(seconds=count), Random(7)
    for number in range(count):
        task_id, created = f"{number:08d}-0000-4000-8000-000000000000", begin + timedelta(seconds=number)
        kind = "execute" if number % 4 else "validate"
        queue = chance.choice(("default", "archive", "default"))
        waits, ended = number % 10 == 3, created + timedelta(seconds=0.5)
        outcome = chance.choice(("succeeded", "succeeded", "succeeded", "failed", "cancelled"))
        if queue == "archive" and outcome == "cancelled":
            outcome = "failed"
        task = {
            "id": task_id,
            "type": kind,
            "name": f"job {chance.randrange(10)}",
            "queue": queue,
            "state": "PENDING" if waits else "SUCCESS",
            "outcome": None if waits else outcome,
            "engine": None if waits else chance.choice(("duckdb", "datax")),
            "created_at": created,
            "published_at": created,
            "started_at": None if waits else created,
            "finished_at": None if waits else ended,
            "attempt": 0 if waits else 1,
            "progress": None if waits else PROGRESS,
            "error": ERROR if outcome == "failed" and not waits else None,
        }
        answer = ANSWER if number % 4 else "true"
        yield task, {"task_id": task_id, "value": answer, "brief": answer}


def fill(count: int) -> None:
    source = rows(count)
    owner = accounts.account_named("admin")
    while batch := list(islice(source, BATCH)):
        db.session.execute(db.insert(Task), [{**task, "account_id": owner.id, "project_id": 1} for task, _ in batch])
        db.session.execute(db.insert(TaskResult), [result for task, result in batch if task["state"] == "SUCCESS"])
        db.session.commit()
    if (
        db.engine.name == "postgresql"
    ):  # which would do it by itself in a minute; SQLite never does, and must not need it
        db.session.execute(db.text("ANALYZE"))
        db.session.commit()


def calls(count: int) -> dict[str, str]:
    middle = f"{count // 2:08d}-0000-4000-8000-000000000000"
    page = ",".join(f"{number:08d}-0000-4000-8000-000000000000" for number in range(count - 50, count))
    return {
        "list": "/api/tasks?limit=50",
        "by state": "/api/tasks?state=PENDING&limit=50",
        "by outcome": "/api/tasks?outcome=failed&limit=50",
        "by name": "/api/tasks?name=job%207&limit=50",
        "by type": "/api/tasks?type=validate&limit=50",
        "by queue": "/api/tasks?queue=archive&limit=50",
        "by engine": "/api/tasks?engine=datax&limit=50",
        "poll": f"/api/tasks/{middle}/result",
        "page": url_for("tasks.index"),
        "its rows": url_for("tasks.rows"),
        "its news": url_for("tasks.news", than=cursor_after(clock.now()), ids=page),
    }


def searches() -> dict[str, str]:
    """Filters that no single index answers. Those named `no …` find nothing, which is the worst that can be asked for."""
    return {
        "state, name": url_for("tasks.index", state="PENDING", name="job 7"),
        "text": url_for("tasks.index", text="job 7"),
        "id": url_for("tasks.index", text="00000123"),
        "no text": url_for("tasks.index", text="nothing"),
        "no such pair": url_for("tasks.index", outcome="cancelled", queue="archive"),
        "no text, state": url_for("tasks.index", state="SUCCESS", text="nothing"),
        "no text, day": url_for("tasks.index", last="24h", text="nothing"),
    }


def sized(folder: Path, url: str | None, count: int) -> Size:
    """An app on a database with that many tasks, which is filled unless it is already."""
    given = {"VAR_DIR": str(folder), "ADMIN_PASSWORD": "first-password", "RATE_LIMIT": "0", "ADDRESS_RATE_LIMIT": "0"}
    app = create_app(load({**given, **({"DATABASE_URL": url} if url else {})}))
    with app.app_context():
        setup(app.config["SETTINGS"])
        if db.session.get(Task, next(rows(1))[0]["id"]) is None:
            fill(count)
        db.session.remove()
    with app.test_request_context():
        searched = searches()
        paths = calls(count) | searched
    return Size(_signed_in(app), paths, searched)


def _signed_in(app: Flask) -> Visitor:
    visitor = Visitor(app)
    assert visitor.log_in().status_code == 302
    return visitor


def take_turns(sizes: list[Size], measured_by: Clock) -> None:
    """Every size is asked the same, one after the other, round by round; what the first rounds take is not counted."""
    gc.collect()
    gc.freeze()  # what making the rows left behind is nobody's cost
    for name in sizes[0].paths:
        for number in range(WARM_UP + ROUNDS):
            for size in sizes:
                spent = _once(size, name, measured_by)
                if number >= WARM_UP:
                    size.taken.setdefault(name, []).append(spent)


def _once(size: Size, name: str, measured_by: Clock) -> float:
    began = measured_by()
    answer = size.visitor.get(size.paths[name])
    spent = measured_by() - began
    assert answer.status_code == 200, answer.text
    return spent


def lines(kind: str, many: int, few: Size, full: Size) -> Iterator[str]:
    for name in few.taken:
        small, large = statistics.median(few.taken[name]), statistics.median(full.taken[name])
        bounded = name in full.searches
        goal = f"< {SECONDS_GOAL * 1000:.0f} ms" if bounded else f"<= {GOAL} x"
        yield f"{kind:11} {name:15} {large * 1000:7.2f} ms at {many:,} rows, {large / small:.2f} x {FEW:,} rows (goal {goal})"
    page = max(full.taken["page"])
    yield f"{kind:11} the page's slowest of {ROUNDS}: {page * 1000:.1f} ms (goal < {SECONDS_GOAL * 1000:.0f} ms)"


def measure(kind: str, urls: tuple[str | None, str | None], many: int, measured_by: Clock) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        few, full = (sized(Path(folder) / str(count), url, count) for url, count in zip(urls, (FEW, many), strict=True))
        take_turns([few, full], measured_by)
        yield from lines(kind, many, few, full)


def main(many: int = MANY, part: str = "") -> None:
    for kind, measured_by in (("SQLite", time.process_time), ("PostgreSQL", time.perf_counter)):
        if part.lower() in kind.lower():
            for line in measure(kind, databases(kind), many, measured_by):
                print(line, flush=True)


def databases(kind: str) -> tuple[str | None, str | None]:
    if kind == "SQLite":
        return None, None
    server = start_postgres()
    return server.database().sqlalchemy_url, server.database().sqlalchemy_url


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:3])

"""Where a task goes that not every worker can run, on each database: refused, kept, and sent to one that can."""

from typing import Any

import pytest
from flask import Flask

from engines.base import EngineStatus
from engines.needs import Needs
from tests.conftest import stream
from tests.webapp.test_workers import DATAX, announced
from webapp.states import State
from webapp.tasks import attempts, publishing, queries, service, starts, waits
from webapp.tasks.submission import Submission
from webapp.workers import service as workers

EMBEDDED = EngineStatus("duckdb", True, "1.5.5", None, ("streamreader",), ("streamwriter",))
HDFS = Needs(("datax",), ("hdfsreader",), ("streamwriter",))
ANY = Needs(("datax", "duckdb"), ("streamreader",), ("streamwriter",))


@pytest.fixture
def app(app_on_each_database: Flask) -> Flask:  # noqa: F811
    return app_on_each_database


@pytest.fixture
def sent(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The ids of tasks and the queues of the broker that their messages went to."""
    found: list[tuple[str, str]] = []

    def keep(_celery: Any, task_id: str, _name: str, queue: str, _priority: int) -> None:
        found.append((task_id, queue))

    monkeypatch.setattr(publishing, "_send", keep)
    return found


def refused(needs: Needs = HDFS, **fields: Any) -> str:
    """A task that a worker without DataX, which is what this process is, was offered and left."""
    task_id = service.submit(Submission(job=stream(1), **fields), None, needs=needs).id
    assert attempts.claim(task_id, "plain") is None
    return task_id


def release(app: Flask) -> int:
    return starts.release(app.config["SETTINGS"])


def waits_for(task_id: str) -> str | None:
    obstacle = queries.snapshot(task_id).waiting_for
    return obstacle["code"] if obstacle else None


def test_a_worker_leaves_a_task_that_it_cannot_run_waiting_and_says_for_whom(app: Flask) -> None:
    task = queries.snapshot(refused())
    assert (task.state, task.attempt, task.worker, task.published_at) == (State.PENDING, 0, None, None)
    assert task.waiting_for == {"code": "another-worker", "engines": "datax", "plugins": "hdfsreader, streamwriter"}


def test_a_worker_takes_what_it_can_run_and_what_nobody_knows_the_needs_of(app: Flask) -> None:
    for needs in (ANY, None):
        task_id = service.submit(Submission(job=stream(1)), None, needs=needs).id
        assert attempts.claim(task_id, "plain") is not None


def test_a_task_of_a_paused_queue_is_not_won_until_it_is_resumed(app: Flask, sent: list[tuple[str, str]]) -> None:
    announced("plain", engines=(EMBEDDED,))
    workers.pause("default", "ann")
    task_id = refused(ANY)
    assert waits_for(task_id) == "queue-paused"
    assert release(app) == 0
    workers.resume("default", "ann")
    assert release(app) == 1
    assert sent == [(task_id, "default")]
    assert attempts.claim(task_id, "plain") is not None


def test_what_only_some_can_run_is_sent_to_one_of_them(app: Flask, sent: list[tuple[str, str]]) -> None:
    announced("plain", engines=(EMBEDDED,))
    announced("big", engines=(EMBEDDED, DATAX))
    task_id = refused()
    assert release(app) == 1
    assert sent == [(task_id, "@big")] and waits_for(task_id) is None


def test_what_everybody_can_run_by_now_goes_to_the_queue_of_all(app: Flask, sent: list[tuple[str, str]]) -> None:
    announced("big", engines=(EMBEDDED, DATAX))
    task_id = refused()
    release(app)
    assert sent == [(task_id, "default")]


def test_no_more_is_sent_to_those_who_can_than_they_have_room_for(app: Flask, sent: list[tuple[str, str]]) -> None:
    announced("plain", engines=(EMBEDDED,))
    announced("big", engines=(EMBEDDED, DATAX), concurrency=2)
    running = attempts.claim(service.submit(Submission(job=stream(1)), None).id, "big")
    assert running is not None
    first, second = refused(), refused()
    assert release(app) == 1
    assert sent == [(first, "@big")] and waits_for(second) == "capable-workers-busy"


def test_what_nobody_alive_can_run_is_kept_and_says_so(app: Flask, sent: list[tuple[str, str]]) -> None:
    announced("plain", engines=(EMBEDDED,))
    task_id = refused()
    assert release(app) == 0
    assert waits_for(task_id) == "no-capable-worker"
    announced("big", engines=(EMBEDDED, DATAX))
    assert release(app) == 1
    assert sent == [(task_id, "@big")]


def test_many_urgent_tasks_that_nobody_can_run_do_not_hide_another(
    app: Flask, sent: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starts, "BATCH", 3)
    announced("plain", engines=(EMBEDDED,))
    for _ in range(5):
        refused(priority=9)
    workers.pause("default", "ann")
    other = refused(ANY, priority=0)
    workers.resume("default", "ann")
    looks = 0
    while not sent:
        release(app)
        looks += 1
        assert looks < 1000, "each look has a good chance to see it"
    assert sent == [(other, "default")]


def test_a_message_waits_in_a_queue_for_a_worker_of_whom_nobody_has_heard(
    app: Flask, sent: list[tuple[str, str]]
) -> None:
    task_id = refused(queue="nobody")
    assert release(app) == 1
    assert sent == [(task_id, "nobody")]
    assert (waits.view(queries.get(task_id)) or {})["code"] == "no-worker"


def test_a_task_that_no_worker_was_offered_yet_says_what_it_waits_for(app: Flask) -> None:
    task = service.submit(Submission(job=stream(1)), None, needs=ANY)
    found = waits.view(task)
    assert found == {"code": "no-worker", "message": "No worker that is alive serves the queue default."}
    announced("plain", engines=(EMBEDDED,))
    assert waits.view(task) is None and waits.obstacle(task) is None


@pytest.mark.parametrize(
    "obstacle, said",
    [
        ({"code": "exclusive", "key": "k", "task": "t"}, "the task t, which has the same exclusive key k"),
        ({"code": "queue-limit", "queue": "q", "limit": 3}, "3 tasks of the queue q run"),
        ({"code": "host-limit", "host": "h", "limit": 2}, "2 tasks that use the host h run"),
        ({"code": "memory-limit", "worker": "w", "wish": 2**30, "taken": 2**31, "limit": 2**31}, "2 GiB of 2 GiB"),
    ],
)
def test_a_task_that_a_limit_keeps_waiting_says_which(app: Flask, obstacle: dict[str, Any], said: str) -> None:
    assert said in waits.brief(obstacle)["message"]


def test_a_finished_task_waits_for_nothing(app: Flask) -> None:
    task_id = service.submit(Submission(job=stream(1)), None).id
    service.cancel(task_id, by="ann")
    assert waits.view(queries.get(task_id)) is None

"""Exclusive keys and limits: what starts, what waits, and what is said of it."""

from pathlib import Path
from threading import Barrier, Thread

import pytest
from flask import Flask

from engines.base import EngineSettings
from engines.datax import BESIDE_HEAP_BYTES, DataXEngine
from tests.conftest import stream
from webapp.config import Settings, load
from webapp.extensions import db
from webapp.results.execute import ExecuteResult
from webapp.states import Outcome, State
from webapp.tasks import admission, attempts, queries, service, starts, wishes
from webapp.tasks.attempts import Ending
from webapp.tasks.models import Task
from webapp.tasks.submission import Submission

DONE = ExecuteResult(success=True, exit_code=0, stdout="", stderr="")


@pytest.fixture
def app(app_on_each_database: Flask) -> Flask:  # noqa: F811
    return app_on_each_database


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of tasks that are sent, in their order; there is no broker here."""
    ids: list[str] = []

    def publish(task: Task, _queue: str) -> bool:
        ids.append(task.id)
        db.session.execute(db.update(Task).where(Task.id == task.id).values(waiting_for=None))
        db.session.commit()
        return True

    monkeypatch.setattr(starts, "publish", publish)
    return ids


def limits(**given: str) -> Settings:
    return load({"VAR_DIR": "/nowhere", **given})


def waiting(**fields: object) -> str:
    return service.submit(Submission(job=fields.pop("job", stream(1)), **fields), None).id  # type: ignore[arg-type]


def reading(*urls: str) -> dict[str, object]:
    connections = [{"jdbcUrl": [url], "table": ["t"]} for url in urls]
    reader = {
        "name": "mysqlreader",
        "parameter": {"username": "u", "password": "p", "column": ["*"], "connection": connections},
    }
    return {"job": {"content": [{"reader": reader, "writer": {"name": "streamwriter", "parameter": {}}}]}}


def end(task: Task) -> None:
    attempts.finish(task, Ending(State.SUCCESS, Outcome.SUCCEEDED, DONE))


def test_tasks_with_one_key_run_one_at_a_time_in_their_order(app: Flask) -> None:
    ids = [waiting(exclusive="orders") for _ in range(3)]
    other = waiting(exclusive="customers")
    assert attempts.claim(ids[1], "w") is None
    first = attempts.claim(ids[0], "w")
    assert first is not None
    assert attempts.claim(ids[1], "w") is None and attempts.claim(other, "w") is not None
    end(first)
    assert attempts.claim(ids[2], "w") is None, "the second comes before the third"
    assert attempts.claim(ids[1], "w") is not None


def test_one_that_waits_for_its_key_says_so_and_for_which_task(app: Flask) -> None:
    first, second = waiting(exclusive="orders"), waiting(exclusive="orders")
    attempts.claim(first, "w")
    attempts.claim(second, "w")
    assert queries.get(second).waiting_for == {"code": "exclusive", "key": "orders", "task": first}


def test_a_retry_keeps_its_place(app: Flask) -> None:
    first, second = waiting(exclusive="orders", retries=1), waiting(exclusive="orders")
    task = attempts.claim(first, "w")
    assert task is not None
    assert attempts.finish(task, Ending(State.SUCCESS, Outcome.FAILED, DONE)) is State.RETRY
    assert attempts.claim(second, "w") is None


def test_many_workers_at_the_same_moment_start_one_task_of_a_key(app: Flask) -> None:
    ids = [waiting(exclusive="orders") for _ in range(8)]
    barrier, won = Barrier(len(ids)), []

    def work(task_id: str) -> None:
        with app.app_context():
            barrier.wait()
            won.extend(filter(None, [attempts.claim(task_id, "w")]))
            db.session.remove()

    threads = [Thread(target=work, args=(task_id,)) for task_id in reversed(ids)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [task.id for task in won] == ids[:1]


def test_many_workers_at_the_same_moment_keep_a_queues_limit(app: Flask) -> None:
    ids, settings = [waiting(queue="slow") for _ in range(8)], limits(QUEUE_LIMITS="slow=3")
    barrier, won = Barrier(len(ids)), []

    def work(task_id: str) -> None:
        with app.app_context():
            barrier.wait()
            won.extend(filter(None, [attempts.claim(task_id, "w", settings)]))
            db.session.remove()

    threads = [Thread(target=work, args=(task_id,)) for task_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 3
    left = [queries.get(task_id).waiting_for for task_id in ids if task_id not in {task.id for task in won}]
    assert left == [{"code": "queue-limit", "queue": "slow", "limit": 3}] * 5


def test_a_database_host_has_its_own_limit(app: Flask) -> None:
    settings = limits(HOST_LIMITS="db1:3306=1")
    first = waiting(job=reading("jdbc:mysql://DB1/orders?useSSL=false"))
    second = waiting(job=reading("jdbc:mysql://db2:3306/x", "jdbc:mysql://db1:3306/other"))
    third = waiting(job=reading("jdbc:mysql://db2:3306/x"))
    assert attempts.claim(first, "w", settings) is not None
    assert attempts.claim(second, "w", settings) is None
    assert queries.get(second).waiting_for == {"code": "host-limit", "host": "db1:3306", "limit": 1}
    assert attempts.claim(third, "w", settings) is not None


def test_a_workers_memory_is_shared_out_and_a_large_wish_runs_alone(app: Flask) -> None:
    settings = limits(WORKER_MEMORY="1000B")
    wishes = {waiting(): memory for memory in (600, 600, 5000)}
    for task_id, memory in wishes.items():
        db.session.execute(db.update(Task).where(Task.id == task_id).values(memory=memory))
    db.session.commit()
    small, same, large = wishes
    first = attempts.claim(small, "one", settings)
    assert first is not None
    assert attempts.claim(same, "one", settings) is None
    said = queries.get(same).waiting_for
    assert said == {"code": "memory-limit", "worker": "one", "wish": 600, "taken": 600, "limit": 1000}
    assert attempts.claim(same, "two", settings) is not None, "another machine has its own memory"
    assert attempts.claim(large, "one", settings) is None
    end(first)
    assert attempts.claim(large, "one", settings) is not None


def test_what_waited_for_room_is_sent_when_there_is_room_the_urgent_first(app: Flask, sent: list[str]) -> None:
    settings = limits(QUEUE_LIMITS="*=1")
    running = attempts.claim(waiting(), "w", settings)
    late, urgent = waiting(priority=1), waiting(priority=9)
    for task_id in (late, urgent):
        assert attempts.claim(task_id, "w", settings) is None
    assert starts.release(settings) == 0 and sent == []
    assert running is not None
    end(running)
    assert starts.release(settings) == 1
    assert sent == [urgent], "there is room for one only"


def test_what_waits_for_its_key_is_sent_when_its_turn_comes(app: Flask, sent: list[str]) -> None:
    settings = limits()
    first, second, third = (waiting(exclusive="k") for _ in range(3))
    running = attempts.claim(first, "w")
    assert running is not None and attempts.claim(third, "w") is None and attempts.claim(second, "w") is None
    end(running)
    starts.follow_up(running, settings)
    assert sent == [second]


def test_a_task_without_key_or_limit_is_not_counted(app: Flask) -> None:
    task = queries.get(waiting())
    assert not admission.concerns(task, limits())
    assert admission.concerns(task, limits(QUEUE_LIMITS="default=1"))


def test_a_workers_memory_is_asked_of_the_engine_where_a_limit_needs_it(app: Flask) -> None:
    task_id = waiting()
    wishes.note(task_id, limits())
    assert queries.get(task_id).memory is None
    wishes.note(task_id, limits(WORKER_MEMORY="8GiB"))
    assert queries.get(task_id).memory == app.extensions["engines"]["duckdb"].memory({})


def test_a_jvms_wish_is_its_heap_and_what_lies_beside_it() -> None:
    engine = DataXEngine(EngineSettings(Path("/nowhere"), jvm_options=("-Xmx2g",)))
    assert engine.memory({}) == 2 * 2**30 + BESIDE_HEAP_BYTES
    assert engine.memory({"entry": {"jvm": "-Xms1g -Xmx512m"}}) == 512 * 2**20 + BESIDE_HEAP_BYTES

"""Those who move a task all at the same moment, on each database: one of them does."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.conftest import stream
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.results.execute import ExecuteResult
from webapp.states import Outcome, State
from webapp.tasks import attempts, queries, rows, service
from webapp.tasks.attempts import Ending
from webapp.tasks.models import Task, TaskAttempt, TaskDocument
from webapp.tasks.submission import Submission

ROUNDS = 5
DONE = ExecuteResult(success=True, exit_code=0, stdout="", stderr="")
WELL = Ending(State.SUCCESS, Outcome.SUCCEEDED, DONE)
BADLY = Ending(State.SUCCESS, Outcome.FAILED, DONE)


@pytest.fixture
def app(app_on_each_database: Flask) -> Flask:  # noqa: F811
    return app_on_each_database


def at_once(app: Flask, *calls: Callable[[], Any]) -> list[Any]:
    """What each call returned. As worker and web do, it is asked again where the database says so, as after a deadlock."""
    barrier, found = Barrier(len(calls)), [None] * len(calls)

    def work(at: int) -> None:
        with app.app_context():
            barrier.wait()
            found[at] = rows.patiently(calls[at])
            db.session.remove()

    threads = [Thread(target=work, args=(at,)) for at in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return found


def submitted(**fields: Any) -> str:
    return service.submit(Submission(job=stream(1), **fields), None).id


def cancelled(task_id: str) -> bool:
    try:
        service.cancel(task_id, by="admin")
    except Conflict:
        return False
    return True


def count(table: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_submits_with_one_key_make_one_task(app: Flask) -> None:
    asked = Submission(job=stream(1))
    found = at_once(app, *[lambda: service.submit(asked, None, key="only once").id] * 8)
    assert len(set(found)) == 1 and count(Task) == count(TaskDocument) == 1


def test_reruns_with_one_key_make_one_task(app: Flask) -> None:
    first = submitted()
    found = at_once(app, *[lambda: service.rerun(first, None, key="only once").id] * 8)
    assert len(set(found)) == 1 and count(Task) == 2


def test_many_workers_win_a_task_once(app: Flask) -> None:
    for _ in range(ROUNDS):
        task_id = submitted()
        won = at_once(app, *[lambda task_id=task_id: attempts.claim(task_id, "w")] * 8)  # type: ignore[misc]
        assert len(list(filter(None, won))) == 1 and queries.get(task_id).attempt == 1


def test_a_task_is_either_won_or_expires_or_is_cancelled(app: Flask) -> None:
    for _ in range(ROUNDS):
        task_id = submitted(expires=3600)
        late = db.update(Task).where(Task.id == task_id)
        db.session.execute(late.values(expires_at=queries.get(task_id).created_at))
        db.session.commit()
        # It has expired, so that nobody may win it, and whoever ends it first says why.
        won, expired, stopped = at_once(
            app,
            lambda task_id=task_id: attempts.claim(task_id, "w"),  # type: ignore[misc]
            lambda task_id=task_id: service.expire(task_id),  # type: ignore[misc]
            lambda task_id=task_id: cancelled(task_id),  # type: ignore[misc]
        )
        task = queries.get(task_id)
        assert won is None and [expired, stopped].count(True) == 1
        assert (task.state, task.error["code"]) == (State.REVOKED, "expired" if expired else "cancelled")
        delivered = queries.delivered(task_id)
        assert delivered is not None and delivered.parsed()["success"] is False


@pytest.mark.parametrize("ending", [WELL, BADLY], ids=["well", "badly"])
def test_an_attempt_ends_once_whoever_ends_it(app: Flask, ending: Ending) -> None:
    """Its worker, two schedulers that take the worker for lost, and somebody who cancels it."""
    for _ in range(ROUNDS):
        task = attempts.claim(submitted(retries=1), "w")
        assert task is not None
        seen = queries.snapshot(task.id)
        finished, lost, again, stopped = at_once(
            app,
            lambda task=task: attempts.finish(task, ending) is not None,  # type: ignore[misc]
            lambda seen=seen: attempts.declare_lost(seen, 30),  # type: ignore[misc]
            lambda seen=seen: attempts.declare_lost(seen, 30),  # type: ignore[misc]
            lambda task=task: cancelled(task.id),  # type: ignore[misc]
        )
        assert [finished, lost, again].count(True) == 1
        assert len(queries.attempts(task.id)) == 1
        found, delivered = queries.get(task.id), queries.delivered(task.id)
        assert delivered is not None
        if found.outcome == Outcome.SUCCEEDED:
            assert finished and ending is WELL and delivered.parsed() == DONE
        else:
            assert stopped and (found.state, found.outcome) == (State.REVOKED, Outcome.CANCELLED)
            assert delivered.parsed() is not None
        db.session.execute(db.delete(TaskAttempt))
        db.session.commit()

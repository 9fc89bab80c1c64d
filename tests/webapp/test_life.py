"""The life of a task as writes to its row."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from tests.conftest import stream
from webapp import clock
from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.results.execute import ExecuteResult
from webapp.states import Outcome, State, TaskType
from webapp.tasks import queries, service
from webapp.tasks.models import Task
from webapp.tasks.service import Beat, Ending
from webapp.tasks.submission import Submission

# NUL, a lone surrogate and an emoji: what an output may hold and a database may not like.
ODD = "out\x00\udcff😀"
DONE = ExecuteResult(success=True, exit_code=0, stdout=ODD, stderr="")
FAILED = ExecuteResult(success=False, exit_code=1, stdout="", stderr="why")


@pytest.fixture
def app(app_on_each_database: Flask) -> Flask:  # noqa: F811
    return app_on_each_database


@pytest.fixture
def task(app: Flask) -> Iterator[Task]:
    yield service.submit(Submission(job=stream(1)), None)


def waiting(**fields: object) -> Task:
    return service.submit(Submission(job=stream(1), **fields), None)  # type: ignore[arg-type]


def well() -> Ending:
    return Ending(State.SUCCESS, Outcome.SUCCEEDED, DONE)


def badly() -> Ending:
    return Ending(State.SUCCESS, Outcome.FAILED, FAILED, {"code": "x", "message": "why", "hint": None})


def test_a_second_claim_loses(task: Task) -> None:
    assert service.claim(task.id, "one") is not None
    assert service.claim(task.id, "two") is None
    assert queries.get(task.id).worker == "one"


def test_a_finished_task_cannot_be_claimed(task: Task) -> None:
    won = service.claim(task.id, "one")
    assert won is not None
    service.finish(won, well())
    assert service.claim(task.id, "two") is None


def test_state_and_result_become_visible_together(task: Task) -> None:
    won = service.claim(task.id, "one")
    assert won is not None
    assert service.finish(won, well()) is State.SUCCESS
    delivered = queries.delivered(task.id)
    assert delivered is not None and delivered.ready and delivered.parsed() == DONE


def test_a_failed_run_with_retries_left_waits_for_its_next_attempt(app: Flask) -> None:
    task = service.claim(waiting(retries=1).id, "one")
    assert task is not None

    assert service.finish(task, badly()) is State.RETRY

    again = queries.get(task.id)
    assert again.not_before is not None and again.not_before > clock.now()
    assert again.outcome is None and again.finished_at is None and again.error is not None
    assert service.claim(task.id, "two") is None, "it must not start before its time"


def test_the_last_attempt_ends_the_task(app: Flask) -> None:
    task_id = waiting(retries=1).id
    for worker in ("one", "two"):
        task = service.claim(task_id, worker)
        assert task is not None
        state = service.finish(task, badly())
        db.session.execute(db.update(Task).values(not_before=None))
        db.session.commit()
    assert state is State.SUCCESS
    assert queries.get(task_id).outcome == Outcome.FAILED
    assert queries.get(task_id).attempt == 2


def test_a_worker_declared_lost_cannot_overwrite_a_later_attempt(app: Flask) -> None:
    stale = service.claim(waiting(retries=1).id, "one")
    assert stale is not None
    stale_attempt = stale.attempt
    db.session.execute(db.update(Task).values(heartbeat_at=clock.now() - timedelta(hours=1)))
    db.session.commit()
    assert service.declare_lost(timedelta(seconds=30)) == [stale.id]
    db.session.execute(db.update(Task).values(not_before=None))
    db.session.commit()
    current = service.claim(stale.id, "two")
    assert current is not None

    assert service.beat(current.id, stale_attempt, {}) == Beat(ours=False)
    late = Task(id=current.id, type=TaskType.EXECUTE, attempt=stale_attempt, retries=1)
    assert service.finish(late, badly()) is None
    assert queries.get(current.id).state == State.STARTED
    assert queries.get(current.id).worker == "two"


def test_a_lost_worker_without_retries_fails_the_task_with_a_four_key_result(task: Task) -> None:
    service.claim(task.id, "one")
    db.session.execute(db.update(Task).values(heartbeat_at=clock.now() - timedelta(hours=1)))
    db.session.commit()

    service.declare_lost(timedelta(seconds=30))

    found = queries.get(task.id)
    assert (found.state, found.outcome) == (State.FAILURE, Outcome.LOST)
    delivered = queries.delivered(task.id)
    assert delivered is not None
    assert delivered.parsed().keys() == {"success", "exit_code", "stdout", "stderr"}
    assert "one" in delivered.parsed()["stderr"]


def test_a_waiting_task_is_cancelled_at_once_with_a_result(task: Task) -> None:
    cancelled = service.cancel(task.id, by="admin")
    assert (cancelled.state, cancelled.outcome) == (State.REVOKED, Outcome.CANCELLED)
    delivered = queries.delivered(task.id)
    assert delivered is not None and delivered.parsed()["success"] is False and "admin" in delivered.parsed()["stderr"]
    assert service.claim(task.id, "one") is None


def test_a_running_task_learns_at_its_next_beat_that_it_is_to_stop(task: Task) -> None:
    won = service.claim(task.id, "one")
    assert won is not None
    assert service.beat(task.id, won.attempt, {"records_read": 1}) == Beat(ours=True)
    service.cancel(task.id, by="admin")
    assert service.beat(task.id, won.attempt, None) == Beat(ours=True, cancelled_by="admin")


def test_a_finished_task_cannot_be_cancelled(task: Task) -> None:
    won = service.claim(task.id, "one")
    assert won is not None
    service.finish(won, well())
    with pytest.raises(Conflict, match="SUCCESS"):
        service.cancel(task.id, by="admin")


def test_an_unknown_task_is_not_found(app: Flask) -> None:
    with pytest.raises(NotFound, match="nothing"):
        service.cancel("nothing", by="admin")


def test_a_rerun_copies_document_and_options(app: Flask) -> None:
    old = waiting(name="orders", retries=3, timeout=9, priority=1, queue="slow", params={"a": "b"})
    new = service.rerun(old.id, None)
    assert new.id != old.id and new.state == State.PENDING
    assert (new.name, new.retries, new.timeout, new.priority, new.queue) == ("orders", 3, 9, 1, "slow")
    assert queries.document(new.id).content == queries.document(old.id).content
    assert queries.document(new.id).params == {"a": "b"}

"""The life of a task as writes to its row."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests.conftest import stream
from webapp import clock
from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.results.execute import ExecuteResult
from webapp.states import Outcome, State
from webapp.tasks import attempts, queries, rows, service
from webapp.tasks.attempts import Beat, Ending, Spent
from webapp.tasks.models import Task
from webapp.tasks.submission import Submission
from webapp.workers import service as workers

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
    assert attempts.claim(task.id, "one") is not None
    assert attempts.claim(task.id, "two") is None
    assert queries.get(task.id).worker == "one"


def test_a_finished_task_cannot_be_claimed(task: Task) -> None:
    won = attempts.claim(task.id, "one")
    assert won is not None
    attempts.finish(won, well())
    assert attempts.claim(task.id, "two") is None


def test_state_and_result_become_visible_together(task: Task) -> None:
    won = attempts.claim(task.id, "one")
    assert won is not None
    assert attempts.finish(won, well()) is State.SUCCESS
    delivered = queries.delivered(task.id)
    assert delivered is not None and delivered.ready and delivered.parsed() == DONE


def test_a_failed_run_with_retries_left_waits_for_its_next_attempt(app: Flask) -> None:
    task = attempts.claim(waiting(retries=1).id, "one")
    assert task is not None

    assert attempts.finish(task, badly()) is State.RETRY

    again = queries.get(task.id)
    assert again.not_before is not None and again.not_before > clock.now()
    assert again.outcome is None and again.finished_at is None and again.error is not None
    assert attempts.claim(task.id, "two") is None, "it must not start before its time"


def test_the_last_attempt_ends_the_task(app: Flask) -> None:
    task_id = waiting(retries=1).id
    for worker in ("one", "two"):
        task = attempts.claim(task_id, worker)
        assert task is not None
        state = attempts.finish(task, badly())
        db.session.execute(db.update(Task).values(not_before=None))
        db.session.commit()
    assert state is State.SUCCESS
    assert queries.get(task_id).outcome == Outcome.FAILED
    assert queries.get(task_id).attempt == 2


def test_a_worker_declared_lost_cannot_overwrite_a_later_attempt(app: Flask) -> None:
    stale = attempts.claim(waiting(retries=1).id, "one")
    assert stale is not None
    assert attempts.declare_lost(queries.snapshot(stale.id), 30)
    db.session.execute(db.update(Task).values(not_before=None))
    db.session.commit()
    current = attempts.claim(stale.id, "two")
    assert current is not None

    assert attempts.beat(stale.id, stale.attempt, {}) == Beat(ours=False)
    assert attempts.finish(stale, badly()) is None
    assert queries.get(current.id).state == State.STARTED
    assert (queries.get(current.id).worker, queries.get(current.id).attempt) == ("two", 2)


def test_a_lost_worker_without_retries_fails_the_task_with_a_four_key_result(task: Task) -> None:
    attempts.claim(task.id, "one")

    attempts.declare_lost(queries.snapshot(task.id), 30)

    found = queries.get(task.id)
    assert (found.state, found.outcome) == (State.FAILURE, Outcome.LOST)
    delivered = queries.delivered(task.id)
    assert delivered is not None
    assert delivered.parsed().keys() == {"success", "exit_code", "stdout", "stderr"}
    assert "one" in delivered.parsed()["stderr"]


def test_a_lost_task_that_was_to_be_cancelled_is_not_run_again(app: Flask) -> None:
    task_id = waiting(retries=3).id
    attempts.claim(task_id, "one")
    service.cancel(task_id, by="admin")
    attempts.declare_lost(queries.snapshot(task_id), 30)
    found = queries.get(task_id)
    assert (found.state, found.outcome) == (State.REVOKED, Outcome.CANCELLED)
    assert "admin" in found.error["message"] and "one" in found.error["message"]


def test_a_task_cancelled_while_its_attempt_fails_is_not_run_again(app: Flask) -> None:
    task = attempts.claim(waiting(retries=3).id, "one")
    assert task is not None
    service.cancel(task.id, by="admin")
    assert attempts.finish(task, badly()) is State.REVOKED
    assert queries.get(task.id).outcome == Outcome.CANCELLED


def test_every_attempt_leaves_what_it_said_and_took(app: Flask) -> None:
    task_id = waiting(retries=1).id
    spent = Spent(1.5, 1000, {"asked_at": None, "ended": [], "left": []})
    for worker, ending in (("one", replace(badly(), spent=spent)), ("two", well())):
        task = attempts.claim(task_id, worker)
        assert task is not None
        attempts.beat(task_id, task.attempt, {"records_read": 1}, "duckdb")
        attempts.finish(task, ending)
        db.session.execute(db.update(Task).values(not_before=None))
        db.session.commit()
    first, second = queries.attempts(task_id)
    assert (first.number, first.worker, first.engine, first.outcome) == (1, "one", "duckdb", Outcome.FAILED)
    assert (first.cpu_seconds, first.peak_bytes, first.processes) == (1.5, 1000, spent.processes)
    assert json.loads(first.value or "") == FAILED and first.error == badly().error
    assert (second.number, second.worker, second.outcome, second.value) == (2, "two", Outcome.SUCCEEDED, None)


def test_an_attempt_put_back_by_its_worker_starts_again_at_once(app: Flask) -> None:
    task = attempts.claim(waiting(retries=1).id, "one")
    assert task is not None
    assert attempts.finish(task, replace(badly(), outcome=Outcome.LOST, at_once=True)) is State.RETRY
    again = attempts.claim(task.id, "two")
    assert again is not None and again.attempt == 2


def test_pauses_before_retries_grow_and_are_never_the_same(app: Flask) -> None:
    pauses = []
    for _ in range(2):
        task_id = waiting(retries=3).id
        for _ in range(3):
            task = attempts.claim(task_id, "one")
            assert task is not None
            attempts.finish(task, badly())
            due = queries.get(task_id).not_before
            assert due is not None
            pauses.append((due - clock.now()).total_seconds())
            db.session.execute(db.update(Task).values(not_before=None))
            db.session.commit()
    for number, (low, high) in enumerate([(2.5, 5), (5, 10), (10, 20)]):
        assert all(low - 1 < pause <= high for pause in (pauses[number], pauses[number + 3])), pauses
    assert len(set(pauses)) == len(pauses)


def test_a_task_is_not_started_after_it_expired_and_is_revoked(app: Flask) -> None:
    task_id = waiting(expires=1).id
    db.session.execute(db.update(Task).values(expires_at=clock.now() - timedelta(seconds=1)))
    db.session.commit()
    assert attempts.claim(task_id, "one") is None
    assert service.expire(task_id) and not service.expire(task_id)
    found = queries.get(task_id)
    assert (found.state, found.outcome, found.error["code"]) == (State.REVOKED, Outcome.CANCELLED, "expired")
    delivered = queries.delivered(task_id)
    assert delivered is not None and delivered.parsed()["success"] is False


def test_a_started_task_does_not_expire(app: Flask) -> None:
    task_id = waiting(expires=3600).id
    assert not service.expire(task_id), "it has time left"
    assert attempts.claim(task_id, "one") is not None
    db.session.execute(db.update(Task).values(expires_at=clock.now() - timedelta(seconds=1)))
    db.session.commit()
    assert not service.expire(task_id)
    assert queries.get(task_id).state == State.STARTED


def test_a_waiting_task_is_cancelled_at_once_with_a_result(task: Task) -> None:
    cancelled = service.cancel(task.id, by="admin")
    assert (cancelled.state, cancelled.outcome) == (State.REVOKED, Outcome.CANCELLED)
    delivered = queries.delivered(task.id)
    assert delivered is not None and delivered.parsed()["success"] is False and "admin" in delivered.parsed()["stderr"]
    assert attempts.claim(task.id, "one") is None


def test_a_running_task_learns_at_its_next_beat_that_it_is_to_stop(task: Task) -> None:
    won = attempts.claim(task.id, "one")
    assert won is not None
    assert attempts.beat(task.id, won.attempt, {"records_read": 1}) == Beat(ours=True)
    service.cancel(task.id, by="admin")
    assert attempts.beat(task.id, won.attempt, None) == Beat(ours=True, cancelled_by="admin")


def test_a_finished_task_cannot_be_cancelled(task: Task) -> None:
    won = attempts.claim(task.id, "one")
    assert won is not None
    attempts.finish(won, well())
    with pytest.raises(Conflict, match="SUCCESS"):
        service.cancel(task.id, by="admin")


def test_an_unknown_task_is_not_found(app: Flask) -> None:
    with pytest.raises(NotFound, match="nothing"):
        service.cancel("nothing", by="admin")


def test_a_rerun_copies_document_and_options(app: Flask) -> None:
    old = waiting(
        name="orders", retries=3, timeout=9, stall_timeout=8, exclusive="k", priority=1, queue="slow", params={"a": "b"}
    )
    new = service.rerun(old.id, None)
    assert new.id != old.id and new.state == State.PENDING
    assert (new.name, new.retries, new.timeout, new.priority, new.queue) == ("orders", 3, 9, 1, "slow")
    assert (new.stall_timeout, new.exclusive) == (8, "k")
    assert queries.document(new.id).content == queries.document(old.id).content
    assert queries.document(new.id).params == {"a": "b"}


def test_a_claim_whose_answer_was_lost_is_still_a_claim(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    bids: set[datetime] = set()

    def change_without_an_answer(where: list[Any], **values: Any) -> bool:
        rows.change(where, **values)
        raise OperationalError("COMMIT", {}, ConnectionError("the server closed the connection"))

    with monkeypatch.context() as once, pytest.raises(OperationalError):
        once.setattr(attempts, "rows", SimpleNamespace(change=change_without_an_answer, waiting=rows.waiting))
        attempts.claim(task.id, "one", None, bids)
    assert queries.get(task.id).state == State.STARTED
    won = attempts.claim(task.id, "one", None, bids)
    assert won is not None and (won.attempt, queries.get(task.id).attempt) == (1, 1)
    assert attempts.claim(task.id, "one") is None, "another message of the same worker is another claim"


def test_a_worker_that_slept_when_it_had_won_does_not_take_a_later_attempt_for_its_own(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id, snapshot = waiting(retries=1).id, queries.snapshot

    def after_a_sleep(wanted: str) -> Task:
        monkeypatch.setattr(queries, "snapshot", snapshot)
        attempts.declare_lost(queries.snapshot(wanted), 30)
        db.session.execute(db.update(Task).values(not_before=None))
        db.session.commit()
        assert attempts.claim(wanted, "two") is not None
        return snapshot(wanted)

    monkeypatch.setattr(queries, "snapshot", after_a_sleep)
    assert attempts.claim(task_id, "one") is None
    assert (queries.get(task_id).worker, queries.get(task_id).attempt) == ("two", 2)


def test_a_task_of_a_queue_that_is_paused_in_the_midst_of_a_claim_is_not_won(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts.placing, "refusal", lambda _: workers.pause("default", "admin"))
    assert attempts.claim(task.id, "one") is None
    assert queries.get(task.id).state == State.PENDING


@pytest.mark.parametrize("runs", [True, False])
def test_a_cancel_hits_a_task_that_moves_between_two_looks(
    app: Flask, monkeypatch: pytest.MonkeyPatch, runs: bool
) -> None:
    """From running to waiting for the next attempt, and from there to running."""
    task_id, change, moves = waiting(retries=9).id, rows.change, iter(range(3))

    def move() -> None:
        db.session.execute(db.update(Task).values(not_before=None))
        if attempts.claim(task_id, "one") is None:
            attempts.finish(queries.snapshot(task_id), badly())

    def look(where: list[Any], **values: Any) -> bool:
        hit = change(where, **values)
        if not hit and next(moves, None) is not None:
            with monkeypatch.context() as meanwhile:
                meanwhile.setattr(rows, "change", change)
                move()
        return hit

    if runs:
        move()
    monkeypatch.setattr(rows, "change", look)
    cancelled = service.cancel(task_id, by="admin")
    assert cancelled.state == State.REVOKED or cancelled.cancel_requested_by == "admin"


def test_no_state_is_kept_whose_result_could_not_be_stored(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection dies between the two: whoever saw the state would look for a result that is not there."""

    def gone(*_: object) -> None:
        raise OperationalError("INSERT", {}, ConnectionError("the server closed the connection"))

    won = attempts.claim(task.id, "one")
    assert won is not None
    with monkeypatch.context() as away:
        away.setattr(rows, "store_result", gone)
        for end in (lambda: attempts.finish(won, well()), lambda: service.cancel(waiting().id, "admin")):
            with pytest.raises(OperationalError):
                end()
            db.session.rollback()
    assert {found.state for found in db.session.query(Task)} == {State.STARTED, State.PENDING}
    assert attempts.finish(won, well()) is State.SUCCESS

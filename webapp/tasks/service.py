"""The life of a task, as writes to its row. Each change of state is one conditional UPDATE, so that of two that try, one wins."""

import hashlib
import json
import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.exc import IntegrityError

from engines.needs import Needs
from webapp import clock, signals
from webapp.errors import Conflict, InvalidRequest
from webapp.extensions import db
from webapp.results import registry as results
from webapp.states import CLAIMABLE, Outcome, State
from webapp.tasks import queries, sealed
from webapp.tasks.models import Task, TaskDocument, TaskResult
from webapp.tasks.submission import Submission

# The first retry waits about this long, each further one twice as long as the one before.
RETRY_SECONDS = 5.0
RETRY_LIMIT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended. `result` is what programs get, `error` the API's error object."""

    state: State
    outcome: Outcome
    result: Any
    error: dict[str, Any] | None = None
    progress: dict[str, Any] | None = None
    problems: list[dict[str, Any]] = field(default_factory=list)
    exited_at: datetime | None = None


def create(
    submission: Submission,
    account_id: int | None,
    *,
    key: str | None = None,
    task_id: str | None = None,
    needs: Needs | None = None,
) -> Task:
    """Write the row of a task; the broker hears of it later. With `key`, a repeat of the same request returns the first task.

    Raises InvalidRequest when the key was used for another request.
    """
    digest = _key_digest(account_id, key)
    first = _first_with(digest)
    if first is not None:
        return _same_request(first, submission)
    task = _row(submission, account_id, task_id or str(uuid.uuid4()), digest)
    task.needs = needs.as_dict() if needs else None
    db.session.add(task)
    db.session.flush()
    db.session.add(sealed.row(task.id, submission.content, submission.params))
    return task


def submit(
    submission: Submission,
    account_id: int | None,
    *,
    key: str | None = None,
    task_id: str | None = None,
    needs: Needs | None = None,
) -> Task:
    """`create`, committed. Two requests with the same key at the same moment make one task."""
    try:
        task = create(submission, account_id, key=key, task_id=task_id, needs=needs)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        first = _first_with(_key_digest(account_id, key)) or (queries.find(task_id) if task_id else None)
        if first is None:
            raise
        return _same_request(first, submission) if key else first
    signals.tell("task.submitted", task.id, type=task.type, name=task.name or "")
    return task


def claim(task_id: str, worker: str) -> Task | None:
    """Win the right to run a task. None when another worker has it or it is no longer waiting."""
    now = clock.now()
    due = or_(Task.not_before.is_(None), Task.not_before <= now)
    won = _change(
        [Task.id == task_id, Task.state.in_(CLAIMABLE), due],
        state=State.STARTED,
        worker=worker,
        attempt=Task.attempt + 1,
        started_at=now,
        heartbeat_at=now,
        progress=None,
        error=None,
    )
    return queries.get(task_id) if won else None


@dataclass(frozen=True, slots=True)
class Beat:
    """What a renewal of the claim brought back: whether it is still ours, and who asked that the task be stopped."""

    ours: bool
    cancelled_by: str | None = None


def beat(task_id: str, attempt: int, progress: dict[str, Any] | None, engine: str | None = None) -> Beat:
    """Renew the claim of a running attempt, and store how far it has come."""
    values: dict[str, Any] = {"heartbeat_at": clock.now(), "progress": progress}
    if engine is not None:
        values["engine"] = engine
    if not _change(_running(task_id, attempt), **values):
        return Beat(ours=False)
    return Beat(ours=True, cancelled_by=db.session.scalar(select(Task.cancel_requested_by).where(Task.id == task_id)))


def launched(task_id: str, attempt: int) -> None:
    """The engine's process has been started."""
    _change(_running(task_id, attempt), launched_at=clock.now(), exited_at=None)


def finish(task: Task, ending: Ending) -> State | None:
    """End an attempt. Returns the state it led to, RETRY when there are retries left; None when the claim was lost before.

    The result and the state are one transaction: whoever sees a final state can read its result.
    """
    again = ending.outcome in {Outcome.FAILED, Outcome.TIMED_OUT, Outcome.LOST} and task.attempt <= task.retries
    values: dict[str, Any] = {
        "state": State.RETRY if again else ending.state,
        "outcome": None if again else ending.outcome,
        "not_before": clock.now() + _pause(task.attempt) if again else None,
        "published_at": None if again else Task.published_at,
        "finished_at": None if again else clock.now(),
        "error": ending.error,
        "progress": ending.progress,
        "exited_at": ending.exited_at,
        "problems": ending.problems or None,
    }
    if not _change(_running(task.id, task.attempt), commit=False, **values):
        db.session.rollback()
        return None
    if not again:
        _store_result(task, ending.result)
    db.session.commit()
    return State(values["state"])


def cancel(task_id: str, by: str) -> Task:
    """Ask a task to stop: a waiting one ends at once, a running one at its worker's next look. Raises NotFound, Conflict."""
    task = queries.get(task_id)
    now = clock.now()
    reason = f"Cancelled by {by}."
    error = {"code": "cancelled", "message": reason, "hint": None}
    ended = {
        "state": State.REVOKED,
        "outcome": Outcome.CANCELLED,
        "finished_at": now,
        "cancel_requested_at": now,
        "error": error,
    }
    if _change([Task.id == task_id, Task.state.in_(CLAIMABLE)], commit=False, **ended):
        _store_result(task, results.without_run(task.type, reason))
        db.session.commit()
    elif not _change(
        [Task.id == task_id, Task.state == State.STARTED], cancel_requested_at=now, cancel_requested_by=by
    ):
        raise Conflict(f"The task has already finished: its state is {queries.get(task_id).state}.")
    signals.tell("task.cancelled", task_id, actor=by)
    return queries.get(task_id)


def rerun(task_id: str, account_id: int | None) -> Task:
    """A new task with the document and the options of another. Raises NotFound."""
    old = queries.get(task_id)
    document = queries.document(task_id)
    copied = ("type", "name", "requested_engine", "needs", "queue", "priority", "retries", "timeout", "deep")
    task = Task(id=str(uuid.uuid4()), account_id=account_id, **{column: getattr(old, column) for column in copied})
    db.session.add(task)
    db.session.flush()
    db.session.add(TaskDocument(task_id=task.id, content=document.content, params=document.params))
    db.session.commit()
    signals.tell("task.submitted", task.id, type=task.type, name=task.name or "", again=task_id)
    return task


def declare_lost(silent_for: timedelta) -> list[str]:
    """End the attempts whose worker has not been heard of for so long. Returns the ids of their tasks."""
    silent = select(Task).where(Task.state == State.STARTED, Task.heartbeat_at < clock.now() - silent_for).limit(1000)
    lost = []
    for task in db.session.scalars(silent).all():
        reason = (
            f"The worker {task.worker} was not heard of for {silent_for.total_seconds():.0f} s while it ran this task."
        )
        hint = "See whether that machine or process is gone, and whether part of the rows arrived, before you run the job again."
        error = {"code": "lost", "message": reason, "hint": hint}
        result = results.without_run(task.type, f"{reason}\n{hint}")
        if finish(task, Ending(State.FAILURE, Outcome.LOST, result, error, task.progress)) is not None:
            lost.append(task.id)
    return lost


def _change(where: list[ColumnElement[bool]], *, commit: bool = True, **values: Any) -> bool:
    changed = db.session.execute(
        update(Task).where(*where).values(**values).execution_options(synchronize_session=False)
    )
    if commit:
        db.session.commit()
    db.session.expire_all()
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _running(task_id: str, attempt: int) -> list[ColumnElement[bool]]:
    """The fence: a worker that was declared lost no longer matches once a later attempt has begun or the task has ended."""
    return [Task.id == task_id, Task.state == State.STARTED, Task.attempt == attempt]


def _store_result(task: Task, result: Any) -> None:
    brief = results.brief(task.type, result)
    db.session.merge(TaskResult(task_id=task.id, value=json.dumps(result), brief=json.dumps(brief)))


def _pause(attempt: int) -> timedelta:
    longest = min(RETRY_SECONDS * 2 ** (attempt - 1), RETRY_LIMIT_SECONDS)
    return timedelta(seconds=longest * random.uniform(0.5, 1.0))


def _row(submission: Submission, account_id: int | None, task_id: str, digest: str | None) -> Task:
    return Task(
        id=task_id,
        type=submission.type,
        name=submission.name,
        account_id=account_id,
        requested_engine=submission.engine,
        queue=submission.queue,
        priority=submission.priority,
        retries=submission.retries,
        timeout=submission.timeout,
        deep=submission.deep,
        idempotency_key=digest,
        fingerprint=submission.fingerprint() if digest else None,
    )


def _key_digest(account_id: int | None, key: str | None) -> str | None:
    return None if key is None else hashlib.sha256(f"{account_id}\n{key}".encode("utf-8", "replace")).hexdigest()


def _first_with(digest: str | None) -> Task | None:
    return db.session.scalar(select(Task).where(Task.idempotency_key == digest)) if digest else None


def _same_request(first: Task, submission: Submission) -> Task:
    if first.fingerprint != submission.fingerprint():
        raise InvalidRequest("Idempotency-Key: this key was already used for another request; use a new one.")
    return first

"""One run of a task: won, renewed, ended. A worker that was declared lost matches none of these any more."""

import json
import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from webapp import clock
from webapp.config import Settings
from webapp.extensions import db
from webapp.results import registry as results
from webapp.states import CLAIMABLE, Outcome, State
from webapp.tasks import admission, placing, queries, rows
from webapp.tasks.models import Task, TaskAttempt
from webapp.tasks.samples import Samples
from webapp.workers import capability

# The first retry waits about this long, each further one twice as long as the one before.
RETRY_SECONDS = 5.0
RETRY_LIMIT_SECONDS = 600.0

RETRYABLE = {Outcome.FAILED, Outcome.TIMED_OUT, Outcome.LOST}


@dataclass(frozen=True, slots=True)
class Spent:
    """What an attempt's processes took and how they were stopped, as `TaskAttempt` keeps it."""

    cpu_seconds: float | None = None
    peak_bytes: int | None = None
    processes: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended. `result` is what programs get, `error` the API's error object; `at_once`: a retry need not wait."""

    state: State
    outcome: Outcome
    result: Any
    error: dict[str, Any] | None = None
    progress: dict[str, Any] | None = None
    problems: list[dict[str, Any]] = field(default_factory=list)
    exited_at: datetime | None = None
    spent: Spent = Spent()
    at_once: bool = False
    samples: Samples | None = None


@dataclass(frozen=True, slots=True)
class Beat:
    """What a renewal of the claim brought back: whether it is still ours, and who asked that the task be stopped."""

    ours: bool
    cancelled_by: str | None = None


def claim(
    task_id: str, worker: str, settings: Settings | None = None, bids: set[datetime] | None = None
) -> Task | None:
    """Win the right to run a task. None when another worker has it, it is not waiting or due, or a limit keeps it waiting.

    The task is a snapshot: what may happen to the row later does not change which attempt was won. With `settings` their limits hold;
    which of them keeps it waiting is then said in the row, and the sweep sends it again. `bids` are the times at which this claim was
    tried before, and gets the new one: a connection may die after the database has let it win.
    """
    bids = set() if bids is None else bids
    task = queries.find(task_id)
    if task is None or (task.state not in CLAIMABLE and not bids):
        return None
    if won := _won(task_id, worker, bids):
        return won
    reason = placing.refusal(task)
    if reason is not None:
        rows.change(rows.waiting(task_id), waiting_for=reason, published_at=None)
        return None
    if not admission.concerns(task, settings):
        return _win(task_id, worker, bids)
    with admission.gate():
        task = queries.get(task_id)
        reason = admission.obstacle(task, worker, settings)
        if reason is None:
            return _win(task_id, worker, bids)
        rows.change(rows.waiting(task_id), waiting_for=reason, published_at=None)
        return None


def _win(task_id: str, worker: str, bids: set[datetime]) -> Task | None:
    now = clock.now()
    bids.add(now)
    won = rows.change(
        [*rows.waiting(task_id), *_may_start(now)],
        state=State.STARTED,
        worker=worker,
        attempt=Task.attempt + 1,
        started_at=now,
        heartbeat_at=now,
        launched_at=None,
        exited_at=None,
        stalled_since=None,
        waiting_for=None,
        progress=None,
        error=None,
    )
    return _won(task_id, worker, bids) if won else None


def _won(task_id: str, worker: str, bids: set[datetime]) -> Task | None:
    """The attempt that one of these bids won. A process that slept since may find a later one in the row, which is not its own."""
    if not bids:
        return None
    task = queries.snapshot(task_id)
    return task if (task.state, task.worker) == (State.STARTED, worker) and task.started_at in bids else None


def _may_start(now: datetime) -> list[ColumnElement[bool]]:
    due = or_(Task.not_before.is_(None), Task.not_before <= now)
    in_time = or_(Task.expires_at.is_(None), Task.expires_at > now)
    return [due, in_time, Task.cancel_requested_at.is_(None), Task.queue.not_in(capability.paused_queues())]


def beat(
    task_id: str,
    attempt: int,
    progress: dict[str, Any] | None,
    engine: str | None = None,
    *,
    stalled_since: datetime | None = None,
    samples: Samples | None = None,
) -> Beat:
    """Renew the claim of a running attempt, and store how far it has come and since when no record has moved."""
    values: dict[str, Any] = {"heartbeat_at": clock.now(), "progress": progress, "stalled_since": stalled_since}
    if engine is not None:
        values["engine"] = engine
    if not rows.change(rows.running(task_id, attempt), commit=samples is None, **values):
        db.session.rollback()
        return Beat(ours=False)
    if samples is not None:  # under the row's lock: a worker that was declared lost stores none
        rows.store_samples(task_id, attempt, samples)
        db.session.commit()
    return Beat(ours=True, cancelled_by=db.session.scalar(select(Task.cancel_requested_by).where(Task.id == task_id)))


def launched(task_id: str, attempt: int) -> None:
    """The engine's process has been started."""
    rows.change(rows.running(task_id, attempt), launched_at=clock.now(), exited_at=None)


def finish(task: Task, ending: Ending) -> State | None:
    """End an attempt. Returns the state it led to, RETRY when there are retries left; None when the claim was lost before.

    The result and the state are one transaction: whoever sees a final state can read its result.
    """
    if ending.outcome in RETRYABLE and task.attempt <= task.retries:
        if _end(task, ending, again=True):
            return State.RETRY
        by = db.session.scalar(select(Task.cancel_requested_by).where(Task.id == task.id))
        if by is not None:
            ending = _cancelled(ending, by)
    return ending.state if _end(task, ending, again=False) else None


def _end(task: Task, ending: Ending, *, again: bool) -> bool:
    now = clock.now()
    values: dict[str, Any] = {
        "state": State.RETRY if again else ending.state,
        "outcome": None if again else ending.outcome,
        "not_before": now + _pause(task.attempt, ending) if again else None,
        "finished_at": None if again else now,
        "stalled_since": None,
        "error": ending.error,
        "progress": ending.progress,
        "exited_at": ending.exited_at,
        "problems": ending.problems or None,
    }
    where = rows.running(task.id, task.attempt)
    if again:  # who asked to cancel it does not want to see it run once more
        values["published_at"] = None
        where.append(Task.cancel_requested_at.is_(None))
    if not rows.change(where, commit=False, **values):
        db.session.rollback()
        return False
    db.session.add(_past(queries.get(task.id), ending, now, json.dumps(ending.result) if again else None))
    if ending.samples is not None:
        rows.store_samples(task.id, task.attempt, ending.samples)
    if not again:
        rows.store_result(task, ending.result)
    db.session.commit()
    return True


def _past(task: Task, ending: Ending, now: datetime, value: str | None) -> TaskAttempt:
    return TaskAttempt(
        task_id=task.id,
        number=task.attempt,
        worker=task.worker,
        engine=task.engine,
        outcome=ending.outcome,
        started_at=task.started_at,
        launched_at=task.launched_at,
        exited_at=ending.exited_at,
        finished_at=now,
        cpu_seconds=ending.spent.cpu_seconds,
        peak_bytes=ending.spent.peak_bytes,
        processes=ending.spent.processes,
        progress=ending.progress,
        error=ending.error,
        value=value,
    )


def _cancelled(ending: Ending, by: str) -> Ending:
    error = {"code": "cancelled", "message": f"Cancelled by {by} when the attempt had just ended.", "hint": None}
    return replace(ending, state=State.REVOKED, outcome=Outcome.CANCELLED, error=error)


def _pause(attempt: int, ending: Ending) -> timedelta:
    return timedelta() if ending.at_once else _longest_pause(attempt) * random.uniform(0.5, 1.0)


def _longest_pause(attempt: int) -> timedelta:
    return timedelta(seconds=min(RETRY_SECONDS * 2 ** min(attempt - 1, 20), RETRY_LIMIT_SECONDS))


def pull_forward() -> None:
    """A retry further ahead than any pause is long was timed before the clock was set back: it need not wait for the old time."""
    now = clock.now()
    ahead = select(Task.id, Task.attempt, Task.not_before).where(
        Task.state == State.RETRY, Task.not_before > now + timedelta(seconds=RETRY_SECONDS)
    )
    for task_id, attempt, not_before in db.session.execute(ahead).all():
        if not_before is not None and not_before > now + _longest_pause(attempt):
            rows.change([*rows.waiting(task_id), Task.not_before == not_before], not_before=now)


def declare_lost(task: Task, silent_for: float) -> bool:
    """End the running attempt of a task whose worker has not been heard of for so many seconds. False when somebody else was first."""
    reason = f"The worker {task.worker} was not heard of for {silent_for:.0f} s while it ran this task."
    hint = "See whether that machine or process is gone, and whether part of the rows arrived, before you run the job again."
    error = {"code": "lost", "message": reason, "hint": hint}
    result = results.without_run(task.type, f"{reason}\n{hint}")
    ending = Ending(State.FAILURE, Outcome.LOST, result, error, task.progress)
    if task.cancel_requested_by is not None:
        message = f"Cancelled by {task.cancel_requested_by}; its worker {task.worker} was gone by then."
        error = {"code": "cancelled", "message": message, "hint": hint}
        ending = replace(ending, state=State.REVOKED, outcome=Outcome.CANCELLED, error=error)
    return finish(task, ending) is not None

"""Tasks from outside: submitted, cancelled, run again. What a worker does with them is in `attempts`."""

import hashlib
import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from datax_job import hosts
from engines.needs import Needs
from webapp import clock, signals
from webapp.errors import Conflict, InvalidRequest
from webapp.extensions import db
from webapp.projects import scope
from webapp.results import registry as results
from webapp.states import FINAL, Outcome, State, TaskType
from webapp.tasks import connected, queries, rows, sealed
from webapp.tasks.models import Task, TaskDocument
from webapp.tasks.submission import Submission

# What a row takes from a submission as it is.
_OPTIONS = ("type", "name", "queue", "priority", "retries", "timeout", "stall_timeout", "exclusive", "deep")


@dataclass(frozen=True, slots=True)
class SavedJob:
    """The version of a saved job that a task runs. `asked` is what a repeat with the same key must ask for, whatever has become of
    the job since."""

    id: str
    version: int
    asked: str


def create(
    submission: Submission,
    account_id: int | None,
    *,
    key: str | None = None,
    task_id: str | None = None,
    needs: Needs | None = None,
    saved: SavedJob | None = None,
) -> Task:
    """Write the row of a task; the broker hears of it later. With `key`, a repeat of the same request returns the first task.

    Raises InvalidRequest when the key was used for another request.
    """
    asked = saved.asked if saved else submission.fingerprint()
    first = earlier(account_id, key, asked)
    if first is not None:
        return first
    task = _row(submission, account_id, task_id or str(uuid.uuid4()))
    task.needs = needs.as_dict() if needs else None
    if key is not None:
        task.idempotency_key, task.fingerprint = _key_digest(account_id, key), asked
    if saved is not None:
        task.job_id, task.job_version = saved.id, saved.version
    db.session.add(task)
    db.session.flush()
    db.session.add(sealed.row(task.id, submission.content, submission.params, submission.secrets_of))
    return task


def earlier(account_id: int | None, key: str | None, asked: str) -> Task | None:
    """The task that a request with this key made before. Raises InvalidRequest when that request asked for something else."""
    first = _first_with(_key_digest(account_id, key))
    if first is not None and first.fingerprint != asked:
        raise InvalidRequest("Idempotency-Key: this key was already used for another request; use a new one.")
    return first


def submit(
    submission: Submission,
    account_id: int | None,
    *,
    key: str | None = None,
    task_id: str | None = None,
    needs: Needs | None = None,
    saved: SavedJob | None = None,
) -> Task:
    """`create`, committed. Two requests with the same key at the same moment make one task."""
    try:
        task = create(submission, account_id, key=key, task_id=task_id, needs=needs, saved=saved)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        asked = saved.asked if saved else submission.fingerprint()
        first = earlier(account_id, key, asked) or (queries.find(task_id) if task_id else None)
        if first is None:
            raise
        return first
    signals.tell("task.submitted", task.id, type=task.type, name=task.name or "")
    return task


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
        "cancel_requested_by": by,
        "waiting_for": None,
        "error": error,
    }
    running = [Task.id == task_id, Task.state == State.STARTED]
    # A row may pass from waiting to running and back between two looks, so it is tried until one of them hits, or it is over.
    while not rows.change(running, cancel_requested_at=now, cancel_requested_by=by):
        if rows.change(rows.waiting(task_id), commit=False, **ended):
            rows.store_result(task, results.without_run(task.type, reason))
            db.session.commit()
            break
        db.session.rollback()
        state = queries.get(task_id).state
        if state in FINAL:
            raise Conflict(f"The task has already finished: its state is {state}.")
    signals.tell("task.cancelled", task_id, actor=by)
    return queries.get(task_id)


def expire(task_id: str) -> bool:
    """Revoke a task that was not started in time. False when it was, or has ended otherwise."""
    task, now = queries.get(task_id), clock.now()
    reason = f"It was not started by {clock.iso(task.expires_at)}, when it expired."
    error = {"code": "expired", "message": reason, "hint": "Give it more time, or start more workers for its queue."}
    ended = {"state": State.REVOKED, "outcome": Outcome.CANCELLED, "finished_at": now, "error": error}
    where = [*rows.waiting(task_id), Task.expires_at <= now]
    if not rows.change(where, commit=False, waiting_for=None, **ended):
        db.session.rollback()
        return False
    rows.store_result(task, results.without_run(task.type, reason))
    db.session.commit()
    return True


def rerun(task_id: str, account_id: int | None, key: str | None = None) -> Task:
    """A new task with the document and the options of another; with `key`, a repeat returns the first one. Raises NotFound."""
    digest = _key_digest(account_id, None if key is None else f"{key}\n{task_id}")
    first = _first_with(digest)
    if first is not None:
        return first
    try:
        task = _copy(task_id, account_id, digest)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        first = _first_with(digest)
        if first is None:
            raise
        return first
    signals.tell("task.submitted", task.id, type=task.type, name=task.name or "", again=task_id)
    return task


def _copy(task_id: str, account_id: int | None, digest: str | None) -> Task:
    old, document = queries.get(task_id), queries.document(task_id)
    copied = (*_OPTIONS, "project_id", "requested_engine", "needs", "hosts", "memory", "job_id", "job_version")
    values = {column: getattr(old, column) for column in copied}
    task = Task(id=str(uuid.uuid4()), account_id=account_id, idempotency_key=digest, **values)
    db.session.add(task)
    db.session.flush()
    db.session.add(TaskDocument(task_id=task.id, content=document.content, params=document.params))
    return task


def _row(submission: Submission, account_id: int | None, task_id: str) -> Task:
    return Task(
        id=task_id,
        account_id=account_id,
        requested_engine=submission.engine,
        expires_at=submission.expires_at(clock.now()),
        hosts=_hosts(submission),
        **{option: getattr(submission, option) for option in _OPTIONS},
    )


def _hosts(submission: Submission) -> list[str] | None:
    if submission.type is not TaskType.EXECUTE:
        return None
    return list(hosts.named(connected.whole(submission.job, submission.params), {})) or None


def _key_digest(account_id: int | None, key: str | None) -> str | None:
    """A key is one account's in one project: in another it means another request."""
    if key is None:
        return None
    return hashlib.sha256(f"{scope.current()}\n{account_id}\n{key}".encode("utf-8", "replace")).hexdigest()


def _first_with(digest: str | None) -> Task | None:
    return db.session.scalar(select(Task).where(Task.idempotency_key == digest)) if digest else None

"""How long a run will still take, judged by the last run of the same job: DataX's own percentage stays at 0 until a part of it ends."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.sealing import documents as sealing
from webapp.states import Outcome, State, TaskType
from webapp.tasks import queries
from webapp.tasks.models import Task, TaskDocument
from webapp.tasks.schemas import duration

# Of so many runs with its name, the newest, one may have succeeded.
MOST_NAMED = 20
# A job without a name is known by its document; it is looked for among so many of the newest that succeeded.
MOST_UNNAMED = 100
# More than this is said by no run before its end.
MOST_PERCENT = 99.0
# What stands in an address where there is no last run, so that it is not looked for again.
NO_RUN = "none"


@dataclass(frozen=True, slots=True)
class Forecast:
    """`seconds_left` is None when the run has taken longer than the one that it is judged by."""

    percent: float
    seconds_left: float | None
    last: Task
    last_seconds: float


def of(task: Task, last_id: str | None = None) -> Forecast | None:
    """None for a task that does not run, and for a job that has never succeeded. `last_id` spares the search."""
    if task.state != State.STARTED or task.type != TaskType.EXECUTE or last_id == NO_RUN:
        return None
    last = queries.find(last_id) if last_id else last_run(task)
    elapsed, took = duration(task.started_at, None), last and duration(last.started_at, last.finished_at)
    if last is None or not took or elapsed is None:
        return None
    done = part_done(elapsed, _records(task), took, _records(last))
    left = None if done >= 1 else elapsed / done - elapsed if done > 0 else took
    return Forecast(min(done * 100, MOST_PERCENT), left, last, took)


def part_done(elapsed: float, records: int, last_seconds: float, last_records: int) -> float:
    """By records as soon as some are known to have moved, since a run may be slower than the last; by time before that."""
    if records > 0 and last_records > 0:
        return records / last_records
    return elapsed / last_seconds


def last_run(task: Task) -> Task | None:
    """The newest run of the same job that succeeded: with the same name or, if it has none, of the same document."""
    return next(_same_name(task) if task.name else _same_document(task), None)


def _same_name(task: Task) -> Iterator[Task]:
    named = (
        select(Task)
        .where(Task.project_id == task.project_id, Task.name == task.name, Task.created_at < task.created_at)
        .order_by(Task.created_at.desc(), Task.id.desc())
        .limit(MOST_NAMED)
    )
    return (found for found in db.session.scalars(named) if _counts(found))


def _same_document(task: Task) -> Iterator[Task]:
    newest = (
        select(Task.id, Task.created_at)
        .where(Task.project_id == task.project_id, Task.outcome == Outcome.SUCCEEDED, Task.created_at < task.created_at)
        .order_by(Task.created_at.desc(), Task.id.desc())
        .limit(MOST_UNNAMED)
        .subquery()
    )
    content = queries.document(task.id).content
    # A secret is sealed anew in each document, as long as it was.
    same_length = (
        select(Task, TaskDocument.content)
        .join(newest, newest.c.id == Task.id)
        .join(TaskDocument, TaskDocument.task_id == Task.id)
        .where(func.length(TaskDocument.content) == len(content))
        .order_by(newest.c.created_at.desc())
    )
    shown = sealing.shown(content)
    for found, other in db.session.execute(same_length):
        if _counts(found) and sealing.shown(other) == shown:
            yield found


def _counts(task: Task) -> bool:
    return task.outcome == Outcome.SUCCEEDED and task.type == TaskType.EXECUTE


def _records(task: Task) -> int:
    return int((task.progress or {}).get("records_read") or 0)

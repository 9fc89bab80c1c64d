"""Reading tasks: within the project that the work is about, which is decided here alone. Every query follows an index."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from webapp.errors import InvalidRequest, NotFound
from webapp.extensions import db
from webapp.projects import scope
from webapp.projects.models import DEFAULT
from webapp.results import registry as results
from webapp.states import FINAL, State, TaskType
from webapp.tasks.models import Task, TaskAttempt, TaskDocument, TaskResult


@dataclass(frozen=True, slots=True)
class Filter:
    """Which tasks a list shows; None leaves a field open. `since` is inclusive, `until` exclusive."""

    type: str | None = None
    state: str | None = None
    outcome: str | None = None
    name: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A task's state and, once final, its result as the JSON text that is stored."""

    type: TaskType
    state: State
    value: str | None
    project_id: int = DEFAULT

    @property
    def ready(self) -> bool:
        return self.state in FINAL

    def parsed(self) -> Any:
        return None if self.value is None else results.parse(self.type, json.loads(self.value))


def find(task_id: str) -> Task | None:
    task = db.session.get(Task, task_id) if _storable(task_id) else None
    return task if task is not None and scope.sees(task.project_id) else None


def get(task_id: str) -> Task:
    task = find(task_id)
    if task is None:
        raise NotFound(f"There is no task {task_id!r}.")
    return task


def snapshot(task_id: str) -> Task:
    """The task as it is now, and stays in this object whatever happens to its row."""
    task = get(task_id)
    db.session.refresh(task)
    db.session.expunge(task)
    return task


def document(task_id: str) -> TaskDocument:
    found = db.session.get(TaskDocument, task_id) if find(task_id) is not None else None
    if found is None:
        raise NotFound(f"There is no task {task_id!r}.")
    return found


def attempts(task_id: str) -> Sequence[TaskAttempt]:
    """The attempts that are over, the first one first."""
    query = select(TaskAttempt).where(TaskAttempt.task_id == task_id).order_by(TaskAttempt.number)
    return db.session.scalars(query).all()


_tasks, _results = Task.__table__, TaskResult.__table__
_DELIVERED = (
    select(_tasks.c.type, _tasks.c.state, _results.c.value, _tasks.c.project_id)
    .select_from(_tasks.outerjoin(_results, _results.c.task_id == _tasks.c.id))
    .where(_tasks.c.id == bindparam("task_id"))
)


def delivered(task_id: str) -> Delivered | None:
    """One primary-key read, without a session: what a poll asks for. It sees what was committed."""
    if not _storable(task_id):
        return None
    with db.engine.connect() as connection:
        row = connection.execute(_DELIVERED, {"task_id": task_id}).first()
    if row is None or not scope.sees(row[3]):
        return None
    return Delivered(TaskType(row[0]), State(row[1]), row[2], row[3])


def briefs(task_ids: list[str]) -> dict[str, Any]:
    """The results of tasks, cut to what a list may carry."""
    query = (
        select(Task.id, Task.type, TaskResult.brief)
        .join(TaskResult, TaskResult.task_id == Task.id)
        .where(Task.id.in_(task_ids))
    )
    return {row.id: results.parse(row.type, json.loads(row.brief)) for row in db.session.execute(query)}


def page(wanted: Filter, limit: int, cursor: str | None) -> tuple[Sequence[Task], str | None]:
    """Tasks, newest first, and the cursor of the next page. Raises InvalidRequest for a cursor that this did not give."""
    query = select(Task).order_by(Task.created_at.desc(), Task.id.desc()).limit(limit + 1)
    for column, value in (
        (Task.project_id, scope.current()),
        (Task.type, wanted.type),
        (Task.state, wanted.state),
        (Task.outcome, wanted.outcome),
        (Task.name, wanted.name),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(Task.created_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Task.created_at < wanted.until)
    if cursor is not None:
        created_at, task_id = _decode(cursor)
        query = query.where(or_(Task.created_at < created_at, and_(Task.created_at == created_at, Task.id < task_id)))
        query = query.where(
            Task.created_at <= created_at
        )  # the index is entered here, whatever the planner makes of the OR
    tasks = db.session.scalars(query).all()
    more = len(tasks) > limit
    return tasks[:limit], _encode(tasks[limit - 1]) if more else None


def _storable(task_id: str) -> bool:
    """Whether there can be such an id. PostgreSQL refuses to be asked for a text with a NUL character in it."""
    return "\x00" not in task_id


def _encode(task: Task) -> str:
    return base64.urlsafe_b64encode(f"{task.created_at.isoformat()} {task.id}".encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[datetime, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _, task_id = text.partition(" ")
        parsed = datetime.fromisoformat(moment)
        if parsed.tzinfo is None or not task_id or not _storable(task_id):
            raise ValueError
        return parsed, task_id
    except (ValueError, binascii.Error, UnicodeError):
        raise InvalidRequest(
            "cursor: not one that this list gave", [{"pointer": "/cursor", "line": None, "detail": "unknown cursor"}]
        ) from None

"""Reading single tasks: within the project that the work is about, which is decided here alone. Every query follows an index."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, select

from webapp.errors import NotFound
from webapp.extensions import db
from webapp.projects import scope
from webapp.results import registry as results
from webapp.states import FINAL, State, TaskType
from webapp.tasks.models import ID_LENGTH, Task, TaskAttempt, TaskDocument, TaskResult


@dataclass(frozen=True, slots=True)
class Delivered:
    """A task's state and, once final, its result as the JSON text that is stored."""

    type: TaskType
    state: State
    value: str | None

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


def detached(query: Select[Any]) -> list[Task]:
    """The tasks as they are now, to be worked through one by one: a change of one of them does not have the others read again."""
    tasks = list(db.session.scalars(query))
    db.session.expunge_all()
    return tasks


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
    return Delivered(TaskType(row[0]), State(row[1]), row[2])


def briefs(task_ids: list[str]) -> dict[str, Any]:
    """The results of tasks, cut to what a list may carry."""
    query = (
        select(Task.id, Task.type, TaskResult.brief)
        .join(TaskResult, TaskResult.task_id == Task.id)
        .where(Task.id.in_(task_ids))
    )
    return {row.id: results.parse(row.type, json.loads(row.brief)) for row in db.session.execute(query)}


def _storable(task_id: str) -> bool:
    """Whether there can be such an id. PostgreSQL refuses to be asked for a text with a NUL character in it."""
    return len(task_id) <= ID_LENGTH and "\x00" not in task_id

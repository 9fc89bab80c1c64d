"""The attempts of a task that are over, as the API tells of them."""

import json
from typing import Any

from pydantic import BaseModel, Field, RootModel

from webapp import clock
from webapp.results import registry as results
from webapp.results.execute import ExecuteResult
from webapp.states import Outcome, TaskType
from webapp.tasks import queries
from webapp.tasks.models import TaskAttempt
from webapp.tasks.schemas import Progress, TaskError, duration


class Ended(BaseModel):
    pid: int
    command: str
    at: str


class Processes(BaseModel):
    """The proof of a stop: which processes there were and when each was gone. `left` did not end at all."""

    asked_at: str | None
    ended: list[Ended]
    left: list[int]


class AttemptView(BaseModel):
    """One run of a task that is over. `cpu_seconds` and `peak_bytes` are what the engine's process took."""

    number: int
    worker: str | None
    engine: str | None
    outcome: Outcome
    started_at: str | None
    finished_at: str
    duration: float | None
    cpu_seconds: float | None
    peak_bytes: int | None
    progress: Progress | None
    error: TaskError | None
    processes: Processes | None = Field(description="Set when it was stopped, or left processes behind.")
    result: ExecuteResult | bool | None


class AttemptList(RootModel[list[AttemptView]]):
    pass


def of(task_id: str) -> list[dict[str, Any]]:
    """The first one first. Raises NotFound."""
    task = queries.get(task_id)
    last = queries.delivered(task_id)
    delivered = last.parsed() if last is not None else None
    return [_view(attempt, task.type, delivered) for attempt in queries.attempts(task_id)]


def _view(attempt: TaskAttempt, type: TaskType, delivered: Any) -> dict[str, Any]:
    """The attempt that ended the task delivered the task's result."""
    own = None if attempt.value is None else results.parse(type, json.loads(attempt.value))
    copied = ("number", "worker", "engine", "outcome", "cpu_seconds", "peak_bytes", "progress", "error", "processes")
    view = AttemptView(
        **{name: getattr(attempt, name) for name in copied},
        started_at=clock.iso(attempt.started_at),
        finished_at=clock.iso(attempt.finished_at) or "",
        duration=duration(attempt.started_at, attempt.finished_at),
        result=delivered if attempt.value is None else own,
    )
    return view.model_dump(mode="json")

"""What the API answers of workers and queues."""

from typing import Any, Literal

from pydantic import BaseModel, Field, RootModel

from webapp import clock
from webapp.fleet.queries import QueueSeen, WorkerSeen
from webapp.states import TaskType
from webapp.tasks.models import Task
from webapp.tasks.schemas import EngineView


class RunningTask(BaseModel):
    id: str
    name: str | None
    type: TaskType
    queue: str
    engine: str | None
    attempt: int
    started_at: str | None


class MemoryView(BaseModel):
    """Resident bytes; null where the worker's system does not tell."""

    worker: int | None
    engines: int | None = Field(description="Of all processes that the worker has started, together.")


class WorkerView(BaseModel):
    id: str = Field(description="Another one each time that the worker is started.")
    name: str = Field(description="What its tasks have as `worker`.")
    state: Literal["alive", "stopping", "away", "stopped"] = Field(
        description="`stopping` takes no new task; `away` has fallen silent; `stopped` has said so."
    )
    host: str
    pid: int
    version: str
    started_at: str
    seen_at: str
    concurrency: int = Field(description="How many tasks it runs at once.")
    busy: int = Field(description="How many it runs, also those that the caller may not see.")
    queues: list[str]
    memory: MemoryView
    running: list[RunningTask]
    engines: list[EngineView]


class WorkerList(RootModel[list[WorkerView]]):
    pass


class QueueView(BaseModel):
    name: str
    paused: bool
    paused_at: str | None
    paused_by: str | None
    waiting: int
    running: int
    workers: list[str] = Field(description="Those alive that serve it.")


class QueueList(RootModel[list[QueueView]]):
    pass


def worker(seen: WorkerSeen) -> dict[str, Any]:
    row = seen.worker
    return WorkerView.model_validate(
        {
            **{name: getattr(row, name) for name in _COPIED},
            "state": seen.state,
            "busy": seen.busy,
            "started_at": clock.iso(row.started_at),
            "seen_at": clock.iso(row.seen_at),
            "memory": {"worker": row.own_bytes, "engines": row.engines_bytes},
            "running": [_task(task) for task in seen.running],
        }
    ).model_dump(mode="json")


def queue(seen: QueueSeen) -> dict[str, Any]:
    return QueueView(
        name=seen.name,
        paused=seen.paused_at is not None,
        paused_at=clock.iso(seen.paused_at),
        paused_by=seen.paused_by,
        waiting=seen.waiting,
        running=seen.running,
        workers=list(seen.workers),
    ).model_dump(mode="json")


_COPIED = ("id", "name", "host", "pid", "version", "concurrency", "queues", "engines")


def _task(task: Task) -> dict[str, Any]:
    copied = {name: getattr(task, name) for name in ("id", "name", "type", "queue", "engine", "attempt")}
    return {**copied, "started_at": clock.iso(task.started_at)}

"""What the API answers. The models are also the OpenAPI document's."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from flask import url_for
from flask_babel import gettext
from pydantic import BaseModel, ConfigDict, Field, RootModel

from datax_job.problem import Problem
from engines.base import EngineStatus
from engines.choice import Choice
from webapp import clock
from webapp.results.execute import ExecuteResult
from webapp.retold import retold
from webapp.states import FINAL, Outcome, State, TaskType
from webapp.tasks.listing import ListedTask
from webapp.tasks.models import Task


class Progress(BaseModel):
    """Figures of the running or finished engine; `percent` is null where it is not known."""

    model_config = ConfigDict(extra="ignore")

    records_read: int = 0
    records_failed: int = 0
    bytes_read: int = 0
    records_per_second: float = 0
    bytes_per_second: float = 0
    percent: float | None = None


class TaskError(BaseModel):
    """Why a task failed: DataX's own code where it gave one, the cause, and what to do."""

    code: str | None
    message: str
    hint: str | None = None


class Finding(BaseModel):
    """One problem of a document."""

    pointer: str
    line: int | None
    column: int | None
    severity: Literal["error", "warning", "advice"]
    message: str


class WaitsFor(BaseModel):
    """What keeps a waiting task from starting: a stable code, and a sentence."""

    code: str
    message: str


class JobVersion(BaseModel):
    """A version of a saved job."""

    id: str
    version: int


class Links(BaseModel):
    self: str
    result: str
    log: str
    attempts: str
    cancel: str


class TaskView(BaseModel):
    """A task as the API shows it. `result` is null until `ready`; in a list its stdout and stderr are cut to their ends."""

    id: str
    type: TaskType
    name: str | None
    job: JobVersion | None = Field(description="The saved job that it runs; null for a document that was sent with it.")
    state: State
    ready: bool
    successful: bool
    failed: bool
    outcome: Outcome | None
    engine: str | None = Field(description="The engine that runs or ran it; before the start the one asked for.")
    queue: str
    priority: int
    attempt: int
    retries: int
    timeout: int | None
    stall_timeout: int | None
    exclusive: str | None
    expires_at: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    duration: float | None = Field(description="Seconds from start to end, or to now while it runs.")
    worker: str | None
    stalled_since: str | None = Field(description="Since when a running task has moved no record, if that is long.")
    waiting_for: WaitsFor | None = Field(
        description="What a waiting task waits for; null where it is only not its turn. Workers are looked at for a single task alone."
    )
    progress: Progress | None
    error: TaskError | None
    problems: list[Finding]
    result: ExecuteResult | bool | None
    links: Links


class TaskPage(BaseModel):
    items: list[TaskView]
    next_cursor: str | None


class NotReady(BaseModel):
    state: State


class Obstacle(BaseModel):
    """What keeps one engine from running a document."""

    name: str
    reasons: list[str]


class EngineChoice(BaseModel):
    """The engine that `auto` takes: `name` is null where none can run the document."""

    name: str | None
    reason: str
    others: list[Obstacle] = Field(description="The engines that cannot run it.")


class CheckAnswer(BaseModel):
    valid: bool
    problems: list[Finding]
    engine: EngineChoice | None = Field(description="Null while the document has errors.")


class EngineView(BaseModel):
    name: str
    available: bool
    version: str | None
    reason: str | None
    readers: list[str]
    writers: list[str]
    transformers: list[str]


class EngineList(RootModel[list[EngineView]]):
    pass


class FieldError(BaseModel):
    model_config = ConfigDict(extra="allow")

    pointer: str
    line: int | None = None
    detail: str


class ProblemDocument(BaseModel):
    """RFC 9457, `application/problem+json`."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError]


def view(task: Task, result: Any, waiting_for: dict[str, Any] | None = None) -> dict[str, Any]:
    """A task as JSON data. `result` is parsed, and None while the task is not ready."""
    return TaskView.model_validate(_values(task, result, waiting_for, _place())).model_dump(mode="json")


def page(
    tasks: Sequence[ListedTask], results: dict[str, Any], waits: dict[str, dict[str, Any]], next_cursor: str | None
) -> str:
    """A list as JSON. To check and write all its tasks at once takes half the time of one after the other."""
    place = _place()
    items = [_values(task, results.get(task.id), waits.get(task.id), place) for task in tasks]
    return TaskPage.model_validate({"items": items, "next_cursor": next_cursor}).model_dump_json()


def _values(task: Task | ListedTask, result: Any, waiting_for: dict[str, Any] | None, place: str) -> dict[str, Any]:
    return dict(
        **{column: getattr(task, column) for column in _COPIED},
        job={"id": task.job_id, "version": task.job_version} if task.job_id else None,
        ready=task.state in FINAL,
        successful=task.state == State.SUCCESS,
        failed=task.state == State.FAILURE,
        engine=task.engine or task.requested_engine,
        created_at=clock.iso(task.created_at) or "",
        started_at=clock.iso(task.started_at),
        finished_at=clock.iso(task.finished_at),
        expires_at=clock.iso(task.expires_at),
        stalled_since=clock.iso(task.stalled_since),
        duration=duration(task.started_at, task.finished_at),
        waiting_for=waiting_for,
        progress=task.progress,
        error=task.error,
        problems=task.problems or [],
        result=result,
        links=_links(place + quote(task.id, safe=_SAFE)),
    )


def engine(status: EngineStatus) -> dict[str, Any]:
    return EngineView.model_validate(asdict(status)).model_dump(mode="json")


def finding(problem: Problem) -> dict[str, Any]:
    """One problem, in the language of whoever asks."""
    return {**problem.as_dict(), "message": problem.text.translated(gettext)}


def engine_choice(choice: Choice) -> dict[str, Any]:
    others = [
        {"name": name, "reasons": [retold(reason.translated(gettext)) for reason in reasons]}
        for name, reasons in choice.obstacles.items()
    ]
    return {"name": choice.name, "reason": choice.reason.translated(gettext), "others": others}


# What a path may hold as it is.
_SAFE = "!$&'()*+,:;=@"
_COPIED = (
    *("id", "type", "name", "state", "outcome", "worker", "queue", "priority"),
    *("attempt", "retries", "timeout", "stall_timeout", "exclusive"),
)


def duration(started_at: datetime | None, finished_at: datetime | None) -> float | None:
    if started_at is None:
        return None
    return round(((finished_at or clock.now()) - started_at).total_seconds(), 6)


def _place() -> str:
    """What the addresses of all tasks begin with: to build each by its route would take longer than all the rest of a list."""
    return url_for("api.task", task_id="-").removesuffix("-")


def _links(own: str) -> dict[str, str]:
    return {"self": own, **{name: f"{own}/{name}" for name in ("result", "log", "attempts", "cancel")}}

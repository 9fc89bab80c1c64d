"""The course of a run over time, as the API tells of it."""

from typing import Any, Literal

from flask_babel import gettext as _
from pydantic import BaseModel, Field

from webapp.errors import NotFound
from webapp.extensions import db
from webapp.states import FINAL, TaskType
from webapp.tasks import queries, samples
from webapp.tasks.models import Task, TaskSamples


class Point(BaseModel):
    """The totals so many seconds after the engine's start. The waits are sums over all channels."""

    seconds: float
    records: int
    bytes: int
    failed: int
    wait_reader: float
    wait_writer: float


class WaitsView(BaseModel):
    """Parts of the channels' time, from 0 to 1: the writing side waited for the reader, the reading side for the writer."""

    for_reader: float
    for_writer: float
    bottleneck: Literal["reader", "writer"] | None
    sentence: str


class Course(BaseModel):
    """How an attempt went; `points` is empty where it was over too soon to be called a course."""

    attempt: int
    points: list[Point]
    channels: int | None
    waits: WaitsView | None = Field(description="Null where the engine does not say for what it waited.")


def worth_showing(task: Task) -> bool:
    """A run that goes on gets a place for its course; one that is over only if it had one."""
    if task.type != TaskType.EXECUTE:
        return False
    return task.state not in FINAL or db.session.get(TaskSamples, (task.id, task.attempt)) is not None


def of(task_id: str, attempt: int | None) -> dict[str, Any]:
    """That of the latest attempt, or of the one asked for. Raises NotFound."""
    task = queries.get(task_id)
    number = task.attempt if attempt is None else attempt
    if number > task.attempt:
        raise NotFound(f"The task has had {task.attempt} attempts so far.")
    kept = db.session.get(TaskSamples, (task_id, number))
    points = kept.points if kept is not None else []
    channels = kept.channels if kept is not None else 0
    course = Course(
        attempt=number,
        points=[Point.model_validate(dict(zip(Point.model_fields, point, strict=True))) for point in points],
        channels=channels or None,
        waits=_waits(samples.waits(points, channels)),
    )
    return course.model_dump(mode="json")


def _waits(waits: samples.Waits | None) -> WaitsView | None:
    if waits is None:
        return None
    return WaitsView(
        for_reader=round(waits.for_reader, 4),
        for_writer=round(waits.for_writer, 4),
        bottleneck="writer" if waits.bottleneck == "writer" else "reader" if waits.bottleneck == "reader" else None,
        sentence=_sentence(waits),
    )


def _sentence(waits: samples.Waits) -> str:
    if waits.bottleneck == "writer":
        share = round(waits.for_writer * 100)
        return str(_("The writer is the bottleneck: the reader waited %(share)s %% of the time for it.", share=share))
    if waits.bottleneck == "reader":
        share = round(waits.for_reader * 100)
        return str(_("The reader is the bottleneck: the writer waited %(share)s %% of the time for it.", share=share))
    return str(_("Neither side clearly waits for the other."))

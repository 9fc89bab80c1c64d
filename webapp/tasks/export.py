"""What a filter finds, as a file: one line a task. Neither documents nor parameters nor results are in it. Pure."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from webapp import clock, spreadsheet
from webapp.tasks import schemas
from webapp.tasks.listing import ListedTask

COPIED = ("id", "name", "type", "state", "outcome", "engine", "queue", "priority", "attempt", "retries", "worker")
TIMES = ("created_at", "started_at", "finished_at")
FIGURES = ("records_read", "records_failed", "bytes_read")
CAUSES = ("code", "message")
COLUMNS = (*COPIED, *TIMES, "duration", *FIGURES, *(f"error_{name}" for name in CAUSES))


def as_csv(pages: Iterable[Sequence[ListedTask]]) -> Iterator[str]:
    yield spreadsheet.BYTE_ORDER_MARK + spreadsheet.line(COLUMNS)
    for tasks in pages:
        yield spreadsheet.lines(_values(task).values() for task in tasks)


def as_json(pages: Iterable[Sequence[ListedTask]]) -> Iterator[str]:
    """One array, with an object on each line."""
    before = "[\n"
    for tasks in pages:
        if tasks:
            yield before + ",\n".join(json.dumps(_values(task), ensure_ascii=False) for task in tasks)
            before = ",\n"
    yield "\n]\n" if before != "[\n" else "[]\n"


def _values(task: ListedTask) -> dict[str, Any]:
    progress, error = task.progress or {}, task.error or {}
    return {
        **{name: getattr(task, name) for name in COPIED},
        **{name: clock.iso(getattr(task, name)) for name in TIMES},
        "duration": schemas.duration(task.started_at, task.finished_at),
        **{name: progress.get(name) for name in FIGURES},
        **{f"error_{name}": error.get(name) for name in CAUSES},
    }

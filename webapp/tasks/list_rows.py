"""The rows of a list as they are read. What many rows share, such as a word or the way to a task, is made once a list."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from flask import url_for

from webapp import clock
from webapp.states import FINAL, TaskType
from webapp.tasks import causes, schemas, wording
from webapp.tasks.listing import ListedTask

_CAUSE_CHARACTERS, _TITLE_CHARACTERS = 200, 1000


@dataclass(frozen=True, slots=True)
class ShownTask:
    """`kind` names its status to the style sheet; `title` is all that is known of its `cause`."""

    id: str
    address: str
    name: str
    kind: str
    status: str
    type: str
    engine: str
    queue: str
    ended: bool
    cause: str
    title: str
    rows_read: str
    duration: str
    created_at: str
    created_utc: str


def shown(tasks: Iterable[ListedTask]) -> Iterator[ShownTask]:
    place = url_for("tasks.show", task_id="-").removesuffix("-")
    types = {kind: str(word) for kind, word in wording.TYPES.items()}
    for task in tasks:
        kind, said = wording.status(task)
        cause, title = _cause(task)
        yield ShownTask(
            id=task.id,
            address=place + quote(task.id, safe=""),
            name=task.name or task.id,
            kind=kind,
            status=said,
            type=types[TaskType(task.type)],
            engine=task.engine or "",
            queue=task.queue,
            ended=task.state in FINAL,
            cause=cause,
            title=title,
            rows_read=wording.number((task.progress or {}).get("records_read")),
            duration=wording.seconds(schemas.duration(task.started_at, task.finished_at)),
            created_at=clock.iso(task.created_at) or "",
            created_utc=f"{task.created_at:%Y-%m-%d %H:%M:%S} UTC",
        )


def _cause(task: ListedTask) -> tuple[str, str]:
    error = causes.told(task.error)
    if error is None:
        return "", ""
    parts = [part for part in (error.get("cause"), error["message"]) if part]
    return _cut(parts[0] if parts else "", _CAUSE_CHARACTERS), _cut("\n".join(parts), _TITLE_CHARACTERS)


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[:characters] + "…"

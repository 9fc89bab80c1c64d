"""The rows of a list as they are read. What many rows share, such as a word or the way to a task, is made once a list."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from flask import url_for
from flask_babel import gettext as _

from webapp import clock
from webapp.tasks import causes, schemas, wording
from webapp.tasks.listing import ListedTask

_CAUSE_CHARACTERS, _TITLE_CHARACTERS = 200, 1000


@dataclass(frozen=True, slots=True)
class ShownTask:
    """`kind` names its status to the style sheet; `title` is all that is known of its `cause`."""

    id: str
    address: str
    name: str
    label: str
    kind: str
    status: str
    type: str
    engine: str
    queue: str
    cause: str
    title: str
    rows_read: str
    duration: str
    created_at: str
    created_utc: str


def shown(tasks: Iterable[ListedTask]) -> Iterator[ShownTask]:
    place = url_for("tasks.show", task_id="-").removesuffix("-")
    types = {kind: str(word) for kind, word in wording.TYPES.items()}
    before, after = _("Select %(name)s", name="\n").split("\n")
    statuses: dict[tuple[object, ...], tuple[str, str]] = {}
    for task in tasks:
        known = task.outcome, task.state, task.cancel_requested_at is None
        kind, said = statuses.get(known) or statuses.setdefault(known, wording.status(task))
        name = task.name or task.id
        cause, title = _cause(task)
        yield ShownTask(
            id=task.id,
            address=place + quote(task.id, safe=""),
            name=name,
            label=f"{before}{name}{after}",
            kind=kind,
            status=said,
            type=types[task.type],
            engine=task.engine or "",
            queue=task.queue,
            cause=cause,
            title=title,
            rows_read=_figure((task.progress or {}).get("records_read")),
            duration=wording.seconds(schemas.duration(task.started_at, task.finished_at)),
            created_at=clock.iso(task.created_at) or "",
            created_utc=f"{task.created_at:%Y-%m-%d %H:%M:%S} UTC",
        )


def _figure(count: float | None) -> str:
    """A whole number is grouped alike in every language that there is."""
    return f"{count:,}" if isinstance(count, int) else wording.number(count)


def _cause(task: ListedTask) -> tuple[str, str]:
    error = causes.told(task.error) if task.error else None
    if error is None:
        return "", ""
    parts = [part for part in (error.get("cause"), error["message"]) if part]
    return _cut(parts[0] if parts else "", _CAUSE_CHARACTERS), _cut("\n".join(parts), _TITLE_CHARACTERS)


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[:characters] + "…"

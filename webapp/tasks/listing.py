"""Lists of tasks, newest first: what a filter finds, page by page. How long that takes does not grow with the table.

A filter with one field follows that field's index to exactly the rows of the page. Any other one looks through a bounded number of the
newest rows of its narrowest index, says how far back it got, and the next page looks on from there: see docs/decisions/task-search.md.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from webapp.errors import InvalidRequest
from webapp.extensions import db
from webapp.projects import scope
from webapp.tasks.models import Task

# How many rows of an index one page may look through: a few at first, since what people look for is mostly new.
STEPS = (500, 2_000, 8_000)
# The first group of a UUID. Less would be the beginning of too many ids, and of ordinary words and days.
SHORTEST_ID = 8
_BEGINNING_OF_ID = re.compile(rf"[0-9a-f-]{{{SHORTEST_ID},36}}")

# What a list says of a task. The rest of its row, such as what it needs of a worker, is left where it is.
_columns = Task.__table__.c
LISTED = tuple(
    column
    for column in _columns
    if column.key not in {"needs", "hosts", "memory", "deep", "idempotency_key", "fingerprint", "heartbeat_at"}
)

# Each has an index that begins with the project and ends with the place in the list.
_INDEXED = ("type", "state", "outcome", "engine", "queue", "name", "job_id")

# The place of a page that begins with the newest task of all.
_BEFORE_ALL = datetime.max.replace(tzinfo=UTC)

ListedTask = Row[Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which tasks a list shows; None leaves a field open. `since` is inclusive, `until` exclusive.

    `text` is part of a name in any case, or the beginning of an id: whose id it is makes a page of its own, before the others.
    """

    type: str | None = None
    state: str | None = None
    outcome: str | None = None
    engine: str | None = None
    queue: str | None = None
    name: str | None = None
    job_id: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def exact(self) -> dict[str, str]:
        """The fields that are asked for and have an index of their own."""
        return {name: value for name in _INDEXED if (value := getattr(self, name)) is not None}


class Position(NamedTuple):
    """A place in a list, just after the task with that time and id."""

    created_at: datetime
    task_id: str


@dataclass(frozen=True, slots=True)
class Page:
    """Tasks, and where the next page begins. `searched_to` is how far back a search got that stopped before the page was full."""

    tasks: Sequence[ListedTask]
    next_cursor: str | None = None
    searched_to: datetime | None = None


def page(wanted: Filter, limit: int, cursor: str | None = None) -> Page:
    """Tasks, newest first. Raises InvalidRequest for a cursor that this did not give."""
    before = None if cursor is None else position(cursor)
    exact = wanted.exact()
    if wanted.text is None and len(exact) < 2:
        return _page(_rows(_within(_listed().where(*_equal(exact)), wanted, before), limit + 1), limit)
    named = _by_key(_named(wanted.text), wanted, limit) if wanted.text is not None and before is None else []
    return Page(named, cursor_after(_BEFORE_ALL)) if named else _search(wanted, limit, before)


def newer(wanted: Filter, than: Position, most: int) -> int:
    """How many tasks have come since, counted up to `most`."""
    since = max(wanted.since, than.created_at) if wanted.since else than.created_at
    found = page(replace(wanted, since=since), most).tasks
    return sum(_position(task) > than for task in found)


def every(wanted: Filter, at_once: int) -> Iterator[Sequence[ListedTask]]:
    """All that match, in pages; between them no connection is held."""
    found = page(wanted, at_once)
    while True:
        db.session.rollback()
        yield found.tasks
        if found.next_cursor is None:
            return
        found = page(wanted, at_once, found.next_cursor)


def these(task_ids: Sequence[str]) -> Sequence[ListedTask]:
    """Tasks by id, newest first; ids of none are passed over."""
    storable = [task_id for task_id in task_ids if "\x00" not in task_id]
    return _by_key(Task.id.in_(storable), Filter(), None) if storable else []


def cursor_after(created_at: datetime, task_id: str = "") -> str:
    """A cursor for what comes after that task; without an id, for all that is older than the moment."""
    return base64.urlsafe_b64encode(f"{created_at.isoformat()} {task_id}".encode()).decode().rstrip("=")


def position(cursor: str) -> Position:
    """Raises InvalidRequest."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, space, task_id = text.partition(" ")
        parsed = datetime.fromisoformat(moment)
        if parsed.tzinfo is None or not space or "\x00" in task_id:
            raise ValueError
        return Position(parsed, task_id)
    except (ValueError, binascii.Error, UnicodeError):
        raise InvalidRequest(
            "cursor: not one that this list gave", [{"pointer": "/cursor", "line": None, "detail": "unknown cursor"}]
        ) from None


def _search(wanted: Filter, limit: int, before: Position | None) -> Page:
    found: list[ListedTask] = []
    for step in STEPS:
        followed, floor = _narrowest(wanted, before, step)
        looked_through = wanted if floor is None else replace(wanted, since=floor)
        query = _within(_listed().where(*_conditions(wanted, followed)), looked_through, before)
        found += _rows(query, limit + 1 - len(found))
        if floor is None or len(found) > limit:
            return _page(found, limit)
        before = Position(floor, "")
    assert before is not None
    return Page(found, cursor_after(*before), before.created_at)


def _narrowest(wanted: Filter, before: Position | None, step: int) -> tuple[str | None, datetime | None]:
    """The field whose next `step` rows reach back furthest, and how far; None when they are all that there are."""
    reached: dict[str | None, datetime] = {}
    for name in wanted.exact() or [None]:
        query = select(Task.created_at).where(*_equal(wanted.exact(), name))
        floor = db.session.scalar(_newest_first(_within(query, wanted, before)).offset(step).limit(1))
        if floor is None:
            return name, None
        reached[name] = floor
    furthest = min(reached, key=lambda name: reached[name])
    return furthest, reached[furthest]


def _conditions(wanted: Filter, followed: str | None) -> list[ColumnElement[bool]]:
    """All that is asked for. What is not followed is written so that no database enters another index for its sake."""
    exact = wanted.exact()
    compared = [func.coalesce(_columns[name], "") == value for name, value in exact.items() if name != followed]
    texts = [] if wanted.text is None else [Task.name.icontains(wanted.text, autoescape=True), ~_named(wanted.text)]
    return [*_equal(exact, followed), *compared, *texts]


def _named(text: str) -> ColumnElement[bool]:
    """Tasks by the text as their id or its beginning. UUIDs sort alike in every collation: none of their characters comes after a z."""
    lowered = text.strip().lower()
    if not _BEGINNING_OF_ID.fullmatch(lowered):
        return Task.id == text
    return or_(Task.id == text, and_(Task.id >= lowered, Task.id < f"{lowered}z"))


def _by_key(which: ColumnElement[bool], wanted: Filter, limit: int | None) -> Sequence[ListedTask]:
    """Tasks by the primary key, if the filter finds them. No field is followed, not even the project: a database without statistics
    would rather look through all of the project, which has them in order."""
    exact = _conditions(replace(wanted, text=None), None)
    query = _in_time(_listed().where(which, *exact), wanted, None)
    project_id = scope.current()
    if project_id is not None:
        query = query.where(func.coalesce(Task.project_id, 0) == project_id)
    return _rows(query, limit)


def _equal(exact: dict[str, str], *names: str | None) -> list[ColumnElement[bool]]:
    return [_columns[name] == value for name, value in exact.items() if not names or name in names]


def _listed() -> Select[Any]:
    return select(*LISTED)


def _within(query: Select[Any], wanted: Filter, before: Position | None) -> Select[Any]:
    """In the project and the time that are asked for, and on pages that come after `before`."""
    project_id = scope.current()
    return _in_time(query if project_id is None else query.where(Task.project_id == project_id), wanted, before)


def _in_time(query: Select[Any], wanted: Filter, before: Position | None) -> Select[Any]:
    """No time has two bounds on one side, of which a database might follow the wrong one through its index."""
    if wanted.since is not None:
        query = query.where(Task.created_at >= wanted.since)
    if before is not None and (wanted.until is None or before.created_at < wanted.until):
        same_time = and_(Task.created_at == before.created_at, Task.id < before.task_id)
        query = query.where(Task.created_at <= before.created_at, or_(Task.created_at < before.created_at, same_time))
    elif wanted.until is not None:
        query = query.where(Task.created_at < wanted.until)
    return query


def _newest_first(query: Select[Any]) -> Select[Any]:
    return query.order_by(Task.created_at.desc(), Task.id.desc())


def _rows(query: Select[Any], limit: int | None) -> Sequence[ListedTask]:
    return db.session.execute(_newest_first(query).limit(limit)).all()


def _page(found: Sequence[ListedTask], limit: int) -> Page:
    """Of one row more than a page has, if there is one."""
    return Page(found[:limit], cursor_after(*_position(found[limit - 1])) if len(found) > limit else None)


def _position(task: ListedTask) -> Position:
    return Position(task.created_at, task.id)

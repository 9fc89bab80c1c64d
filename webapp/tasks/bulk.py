"""Cancelling, or running again, many tasks at once: each by itself, so that one which cannot stops no other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from webapp.errors import Conflict, NotFound
from webapp.states import FINAL, State
from webapp.tasks import listing, service
from webapp.tasks.listing import Filter, ListedTask
from webapp.tasks.models import Task
from webapp.tasks.publishing import publish

# So many in one request, which takes some seconds then.
MOST = 500
# How many pages of a search are turned to find them.
MOST_PAGES = 20
UNFINISHED = tuple(state for state in State if state not in FINAL)


class Action(StrEnum):
    CANCEL = "cancel"
    RERUN = "rerun"


@dataclass(frozen=True, slots=True)
class Refused:
    id: str
    status: int
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of each: `done` has the task and what it led to, which is itself or the new one."""

    done: list[tuple[str, str]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Matching:
    """The newest tasks that a filter finds; `more` when there are others, or may be, that a search did not reach."""

    tasks: Sequence[ListedTask]
    more: bool


def matching(wanted: Filter, action: Action) -> Matching:
    """Those that the action can do something to: only what has not finished can be cancelled."""
    if action is Action.RERUN or wanted.state is not None:
        return _newest(wanted) if action is Action.RERUN or wanted.state in UNFINISHED else Matching([], False)
    parts = [_newest(replace(wanted, state=state)) for state in UNFINISHED]
    found = sorted((task for part in parts for task in part.tasks), key=lambda task: task.created_at, reverse=True)
    return Matching(found[:MOST], len(found) > MOST or any(part.more for part in parts))


def cancel(task_ids: Iterable[str], by: str) -> Report:
    return _each(task_ids, lambda task_id: service.cancel(task_id, by).id)


def rerun(task_ids: Sequence[str], account_id: int | None, key: str | None = None) -> Report:
    """The oldest of a list first, so that the new tasks come in the order of the old ones. With `key`, a repeat makes none twice."""
    broker = _Broker()

    def again(task_id: str) -> str:
        task = service.rerun(task_id, account_id, key)
        broker.tell(task)
        return task.id

    return _each(reversed(task_ids), again)


class _Broker:
    """Is told of new tasks until it does not answer; then the sweep tells it later, and nobody waits for it 500 times."""

    away = False

    def tell(self, task: Task) -> None:
        if not self.away and task.published_at is None:
            self.away = not publish(task)


def _newest(wanted: Filter) -> Matching:
    found: list[ListedTask] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = listing.page(wanted, MOST - len(found), cursor)
        found += page.tasks
        cursor = page.next_cursor
        if cursor is None or len(found) >= MOST:
            break
    return Matching(found, cursor is not None)


def _each(task_ids: Iterable[str], act: Callable[[str], str]) -> Report:
    report = Report()
    for task_id in dict.fromkeys(task_ids):
        try:
            report.done.append((task_id, act(task_id)))
        except (NotFound, Conflict) as error:
            report.refused.append(Refused(task_id, error.status, error.detail))
    return report

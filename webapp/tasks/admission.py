"""What may start beside what runs. A task that may not waits, and its row says for what.

There are exclusive keys, and limits of a queue, of a database host and of a worker's memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from webapp.config import Settings
from webapp.extensions import db
from webapp.states import CLAIMABLE, State
from webapp.tasks.models import Gate, Task

# What keeps a task waiting: `{"code": …}` and the figures that the code's sentence names (webapp/tasks/wording.py has the sentences).
Obstacle = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Running:
    """What limits know of a task that runs, or is about to."""

    id: str
    queue: str
    worker: str | None
    hosts: tuple[str, ...]
    memory: int
    exclusive: str | None

    @classmethod
    def of(cls, task: Task, worker: str | None = None) -> "Running":
        hosts = tuple(task.hosts or ())
        return cls(task.id, task.queue, worker or task.worker, hosts, task.memory or 0, task.exclusive)


def concerns(task: Task, settings: Settings | None) -> bool:
    """Whether anything could keep this task waiting, so that it must be counted."""
    if task.exclusive is not None:
        return True
    if settings is None:
        return False
    by_queue = settings.queue_limits.of(task.queue) is not None
    by_host = any(settings.host_limits.of(host) is not None for host in task.hosts or ())
    return by_queue or by_host or (settings.worker_memory is not None and bool(task.memory))


@contextmanager
def gate() -> Iterator[None]:
    """Held by one process at a time, on any machine, until its transaction ends: whoever counts in it sees every earlier start."""
    db.session.commit()
    try:
        passed = db.session.execute(update(Gate).values(passes=Gate.passes + 1))
        assert passed.rowcount == 1, "the migration made the gate"  # type: ignore[attr-defined]
        yield
    finally:
        db.session.rollback()


def running() -> list[Running]:
    return [Running.of(task) for task in db.session.scalars(select(Task).where(Task.state == State.STARTED))]


def obstacle(task: Task, worker: str | None, settings: Settings | None) -> Obstacle | None:
    """What keeps the task from starting now on that worker; None when nothing does."""
    others = running()
    first = head(task.exclusive) if task.exclusive is not None else None
    return exclusion(task, first, others) or (limit(Running.of(task, worker), others, settings) if settings else None)


def head(key: str) -> str | None:
    """The id of the oldest unfinished task with an exclusive key: the only one that may run."""
    states = (*CLAIMABLE, State.STARTED)
    query = select(Task.id).where(Task.exclusive == key, Task.state.in_(states)).order_by(Task.created_at, Task.id)
    return db.session.scalar(query.limit(1))


def exclusion(task: Task, first: str | None, others: list[Running]) -> Obstacle | None:
    """Tasks with the same key run one at a time, in the order in which they were submitted."""
    if task.exclusive is None:
        return None
    holder = next((other.id for other in others if other.exclusive == task.exclusive), None)
    if holder is None and first not in (None, task.id):
        holder = first
    return {"code": "exclusive", "key": task.exclusive, "task": holder} if holder else None


def limit(wanted: Running, others: list[Running], settings: Settings) -> Obstacle | None:
    most = settings.queue_limits.of(wanted.queue)
    if most is not None and sum(other.queue == wanted.queue for other in others) >= most:
        return {"code": "queue-limit", "queue": wanted.queue, "limit": most}
    for host in wanted.hosts:
        most = settings.host_limits.of(host)
        if most is not None and sum(host in other.hosts for other in others) >= most:
            return {"code": "host-limit", "host": host, "limit": most}
    return _memory(wanted, others, settings)


def _memory(wanted: Running, others: list[Running], settings: Settings) -> Obstacle | None:
    """A task that alone wishes for more than there is may run alone."""
    taken = sum(other.memory for other in others if other.worker == wanted.worker)
    if settings.worker_memory is None or not taken or taken + wanted.memory <= settings.worker_memory:
        return None
    figures = {"wish": wanted.memory, "taken": taken, "limit": settings.worker_memory}
    return {"code": "memory-limit", "worker": wanted.worker, **figures}

"""Workers and queues with the tasks that they have."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import load_only

from webapp.extensions import db
from webapp.projects import scope
from webapp.states import CLAIMABLE, DEFAULT_QUEUE, State
from webapp.tasks.models import Task
from webapp.workers import service as workers
from webapp.workers.models import Worker

# What is shown of a running task.
_SHOWN = (
    Task.id,
    Task.project_id,
    Task.name,
    Task.type,
    Task.queue,
    Task.engine,
    Task.worker,
    Task.attempt,
    Task.started_at,
)


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """`running` are the tasks that may be seen, `busy` counts all."""

    worker: Worker
    state: str
    running: Sequence[Task]
    busy: int


@dataclass(frozen=True, slots=True)
class QueueSeen:
    """`workers` are the names of those alive that serve it."""

    name: str
    waiting: int
    running: int
    workers: tuple[str, ...]
    paused_at: datetime | None
    paused_by: str | None


def seen_workers() -> list[WorkerSeen]:
    """Every worker that was heard of lately, with what it runs. One that is silent may run it still."""
    tasks: dict[str | None, list[Task]] = defaultdict(list)
    query = select(Task).options(load_only(*_SHOWN)).where(Task.state == State.STARTED).order_by(Task.started_at)
    for task in db.session.scalars(query):
        tasks[task.worker].append(task)
    return [_seen(worker, tasks) for worker in workers.known()]


def seen_queues() -> list[QueueSeen]:
    """Every queue that a worker serves, that a task is in, or that is paused, by name."""
    depths = _depths()
    serving: dict[str, list[str]] = defaultdict(list)
    for worker in filter(workers.takes_tasks, workers.known()):
        for name in worker.queues:
            serving[name].append(worker.name)
    paused = workers.paused()
    names = {DEFAULT_QUEUE, *serving, *paused, *(name for name, _ in depths)}
    return [
        QueueSeen(
            name,
            waiting=sum(depths[name, state] for state in CLAIMABLE),
            running=depths[name, State.STARTED],
            workers=tuple(sorted(serving[name])),
            paused_at=paused[name].paused_at if name in paused else None,
            paused_by=paused[name].paused_by if name in paused else None,
        )
        for name in sorted(names)
    ]


def seen_queue(name: str) -> QueueSeen:
    """One queue; one that nobody has heard of is empty."""
    found = {queue.name: queue for queue in seen_queues()}
    return found.get(name) or QueueSeen(name, 0, 0, (), None, None)


def _seen(worker: Worker, tasks: dict[str | None, list[Task]]) -> WorkerSeen:
    state = workers.state(worker)
    running = [] if state == "stopped" else tasks[worker.name]
    return WorkerSeen(worker, state, [task for task in running if scope.sees(task.project_id)], len(running))


def _depths() -> Counter[tuple[str, State]]:
    unfinished = Task.state.in_((*CLAIMABLE, State.STARTED))
    query = select(Task.queue, Task.state, func.count()).where(unfinished).group_by(Task.queue, Task.state)
    return Counter({(queue, State(state)): count for queue, state, count in db.session.execute(query)})

"""Which workers can run a task, and what one waits for that none can run: the engine and plugins, a worker of its queue, an open queue."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from engines.base import EngineStatus
from engines.needs import Needs, can_run
from webapp.extensions import db
from webapp.workers import service
from webapp.workers.models import Queue, Worker

# What keeps a task waiting: `{"code": …}` and the values that the code's sentence names.
Obstacle = dict[str, Any]

PAUSED = "queue-paused"
NO_WORKER = "no-worker"
NOBODY_CAN = "no-capable-worker"
ELSEWHERE = "another-worker"
BUSY = "capable-workers-busy"
CODES = frozenset({PAUSED, NO_WORKER, NOBODY_CAN, ELSEWHERE, BUSY})


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be known of a task: its queue, and what it needs."""

    queue: str
    needs: Needs | None

    @classmethod
    def of(cls, queue: str, needs: Mapping[str, list[str]] | None) -> "Wish":
        return cls(queue, None if needs is None else Needs.of_dict(needs))


@dataclass(frozen=True, slots=True)
class Serving:
    """A worker that takes tasks: of which queues, with which engines, and how many at once."""

    name: str
    queues: Collection[str]
    engines: Sequence[EngineStatus]
    concurrency: int = 1

    @classmethod
    def of(cls, worker: Worker) -> "Serving":
        return cls(worker.name, worker.queues, service.unpacked(worker.engines), worker.concurrency)


@dataclass(frozen=True, slots=True)
class Fleet:
    """The workers that take tasks at this moment, and the queues that are paused."""

    workers: Sequence[Serving]
    paused: Collection[str]

    def obstacle(self, wish: Wish) -> Obstacle | None:
        """Why no worker will take a task, whatever it has to do otherwise."""
        if wish.queue in self.paused:
            return paused(wish)
        if not any(wish.queue in worker.queues for worker in self.workers):
            return {"code": NO_WORKER, "queue": wish.queue}
        return None if self.capable(wish) else {"code": NOBODY_CAN, "queue": wish.queue, **_missing(wish)}

    def capable(self, wish: Wish) -> list[Serving]:
        return [each for each in self.workers if wish.queue in each.queues and can_run(wish.needs, each.engines)]

    def all_can(self, wish: Wish) -> bool:
        """Whether the task may go to whoever serves its queue."""
        return all(can_run(wish.needs, each.engines) for each in self.workers if wish.queue in each.queues)

    def free(self, wish: Wish, running: Mapping[str, int]) -> Serving | None:
        """The capable worker with the most room. `running` counts the tasks of each worker by its name."""
        room = {each.name: each.concurrency - running.get(each.name, 0) for each in self.capable(wish)}
        free = [each for each in self.capable(wish) if room[each.name] > 0]
        return max(free, key=lambda each: room[each.name], default=None)


def fleet() -> Fleet:
    """As the database knows it now."""
    workers = [Serving.of(worker) for worker in service.known() if service.takes_tasks(worker)]
    return Fleet(workers, frozenset(service.paused()))


def refusal(wish: Wish, own: Iterable[EngineStatus]) -> Obstacle | None:
    """Why a worker with these engines may not start a task; None when it may. One look by primary key."""
    if db.session.scalar(select(Queue.paused_at).where(Queue.name == wish.queue)) is not None:
        return paused(wish)
    return None if can_run(wish.needs, own) else {"code": ELSEWHERE, **_missing(wish)}


def paused_queues() -> Select[str]:
    """For a condition: their tasks need not be looked at until somebody resumes them."""
    return select(Queue.name).where(Queue.paused_at.is_not(None))


def paused(wish: Wish) -> Obstacle:
    return {"code": PAUSED, "queue": wish.queue}


def busy(wish: Wish) -> Obstacle:
    return {"code": BUSY, **_missing(wish)}


def _missing(wish: Wish) -> dict[str, str]:
    """What a worker must have, for people to read."""
    if wish.needs is None:
        return {"engines": "", "plugins": ""}
    plugins = sorted({*wish.needs.readers, *wish.needs.writers})
    return {"engines": ", ".join(wish.needs.engines), "plugins": ", ".join(plugins)}

"""Which worker a task goes to: whoever serves its queue, or, when only some of those can run it, one of these that has room."""

from collections import Counter
from collections.abc import Iterable

from flask import current_app

from webapp.tasks.models import Task
from webapp.workers import capability, service
from webapp.workers.capability import Obstacle, Wish


def refusal(task: Task) -> Obstacle | None:
    """Why this process may not run the task; None when it may."""
    own = [engine.status() for engine in current_app.extensions["engines"].values()]
    return capability.refusal(wish(task), own)


class Round:
    """One look at the workers, for a round of sending. `busy` names a worker once for each task that it runs."""

    def __init__(self, busy: Iterable[str | None]) -> None:
        self._fleet = capability.fleet()
        self._running = Counter(name for name in busy if name is not None)

    def obstacle(self, task: Task) -> Obstacle | None:
        """What keeps a task from being sent. Who refused it must not get it again and again while those who can are busy.

        A queue that nobody serves is no reason: the message waits there for a worker, also for one of whom nobody could hear.
        """
        wanted = wish(task)
        if self._fleet.all_can(wanted):
            return capability.paused(wanted) if wanted.queue in self._fleet.paused else None
        found = self._fleet.obstacle(wanted)
        return found or (None if self._fleet.free(wanted, self._running) else capability.busy(wanted))

    def place(self, task: Task) -> str:
        """The queue of the broker that a task without an obstacle goes to."""
        wanted = wish(task)
        worker = None if self._fleet.all_can(wanted) else self._fleet.free(wanted, self._running)
        if worker is None:
            return task.queue
        self._running[worker.name] += 1
        return service.direct_queue(worker.name)


def wish(task: Task) -> Wish:
    return Wish.of(task.queue, task.needs)

"""What the first page tells of a project: each question follows an index, so that a million tasks of the past cost nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import case, func, select

from webapp import clock
from webapp.extensions import db
from webapp.fleet.queries import QueueSeen, WorkerSeen, seen_queues, seen_workers
from webapp.projects import scope
from webapp.states import CLAIMABLE, Outcome, State
from webapp.tasks import listing
from webapp.tasks.listing import Filter, ListedTask
from webapp.tasks.models import Task
from webapp.workers.capability import Obstacle

HOURS = 24
MOST_LISTED = 8
# Of so many waiting tasks, the newest, it is told what they wait for.
MOST_WAITING = 500

GOOD = (Outcome.SUCCEEDED, Outcome.VALID)
BAD = (Outcome.FAILED, Outcome.TIMED_OUT, Outcome.LOST)


@dataclass(frozen=True, slots=True)
class Hour:
    """The tasks submitted in the hour from `begins_at`, as far as they have ended; `other` are cancelled, or invalid documents."""

    begins_at: datetime
    good: int
    bad: int
    other: int

    @property
    def all(self) -> int:
        return self.good + self.bad + self.other


@dataclass(frozen=True, slots=True)
class Sight:
    """`obstacles` are what waiting tasks wait for besides their turn, and how many of the newest do."""

    any_task: bool
    running: Sequence[ListedTask]
    running_count: int
    waiting_count: int
    obstacles: list[tuple[Obstacle, int]]
    failures: Sequence[ListedTask]
    hours: Sequence[Hour]
    queues: Sequence[QueueSeen]
    workers: Sequence[WorkerSeen]
    rows_per_second: float

    @property
    def good(self) -> int:
        return sum(hour.good for hour in self.hours)

    @property
    def bad(self) -> int:
        return sum(hour.bad for hour in self.hours)

    @property
    def alive(self) -> int:
        return sum(seen.state == "alive" for seen in self.workers)


def sight() -> Sight:
    """As things are now, in the project that the request is about."""
    running = listing.page(Filter(state=State.STARTED), 200).tasks
    counts = _unfinished()
    return Sight(
        any_task=bool(listing.page(Filter(), 1).tasks),
        running=running[:MOST_LISTED],
        running_count=counts[State.STARTED],
        waiting_count=sum(counts[state] for state in CLAIMABLE),
        obstacles=_obstacles(),
        failures=_failures(),
        hours=_hours(),
        queues=[
            queue for queue in seen_queues() if queue.waiting or queue.running or queue.paused_at or not queue.workers
        ],
        workers=seen_workers(),
        rows_per_second=sum((task.progress or {}).get("records_per_second") or 0 for task in running),
    )


def _unfinished() -> Counter[State]:
    states = (*CLAIMABLE, State.STARTED)
    query = select(Task.state, func.count()).where(Task.project_id == scope.current(), Task.state.in_(states))
    return Counter({State(state): count for state, count in db.session.execute(query.group_by(Task.state))})


def _obstacles() -> list[tuple[Obstacle, int]]:
    waiting = chain.from_iterable(listing.page(Filter(state=state), MOST_WAITING).tasks for state in CLAIMABLE)
    told = [task.waiting_for for task in waiting if task.waiting_for]
    by_text = {repr(obstacle): obstacle for obstacle in told}
    return [(by_text[text], count) for text, count in Counter(map(repr, told)).most_common(3)]


def _failures() -> list[ListedTask]:
    since = clock.now() - timedelta(hours=HOURS)
    found = chain.from_iterable(
        listing.page(Filter(outcome=outcome, since=since), MOST_LISTED).tasks for outcome in BAD
    )
    return sorted(found, key=lambda task: (task.created_at, task.id), reverse=True)[:MOST_LISTED]


def _hours() -> list[Hour]:
    this_hour = clock.now().replace(minute=0, second=0, microsecond=0)
    begins = [this_hour - timedelta(hours=HOURS - 1 - number) for number in range(HOURS)]
    # No two of our databases cut a time to its hour alike; all compare.
    hour = case(*[(Task.created_at >= begin, number) for number, begin in reversed(list(enumerate(begins)))])
    query = (
        select(Task.outcome, hour.label("hour"), func.count().label("tasks"))
        .where(Task.project_id == scope.current(), Task.outcome.in_(list(Outcome)), Task.created_at >= begins[0])
        .group_by(Task.outcome, hour)
    )
    counts: Counter[tuple[int, str]] = Counter()
    for row in db.session.execute(query):
        counts[row.hour, _kind(row.outcome)] += row.tasks
    return [
        Hour(begin, *(counts[number, kind] for kind in ("good", "bad", "other"))) for number, begin in enumerate(begins)
    ]


def _kind(outcome: str) -> str:
    return "good" if outcome in GOOD else "bad" if outcome in BAD else "other"

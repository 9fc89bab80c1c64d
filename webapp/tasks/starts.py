"""Tasks that a limit or an exclusive key kept waiting, sent again as soon as there is room for them."""

import uuid

from sqlalchemy import or_, select

from webapp import clock
from webapp.config import Settings
from webapp.states import CLAIMABLE
from webapp.tasks import admission, placing, queries, rows
from webapp.tasks.admission import Obstacle, Running
from webapp.tasks.models import Task
from webapp.tasks.publishing import publish
from webapp.workers import capability

BATCH = 500


def release(settings: Settings) -> int:
    """Send those that may start now, the most urgent first. Returns how many."""
    kept = _kept_waiting()
    if not kept:
        return 0
    others, sent = admission.running(), 0
    places = placing.Round(other.worker for other in others)
    held = {other.exclusive for other in others}
    heads = {key: admission.head(key) for key in {task.exclusive for task in kept} - held if key is not None}
    for task in kept:
        obstacle = _obstacle(task, heads, others, settings) or places.obstacle(task)
        if obstacle is None:
            if not publish(task, places.place(task)):
                break
            others.append(Running.of(task))
            sent += 1
        elif obstacle != task.waiting_for:
            rows.change([*rows.waiting(task.id), Task.published_at.is_(None)], waiting_for=obstacle)
    return sent


def follow_up(task: Task, settings: Settings) -> None:
    """A task has ended: who waited for it need not wait for the next sweep."""
    if admission.concerns(task, settings):
        release(settings)


def _kept_waiting() -> list[Task]:
    now = clock.now()
    due = or_(Task.not_before.is_(None), Task.not_before <= now)
    open_queue = Task.queue.not_in(capability.paused_queues())
    kept_back = [Task.published_at.is_(None), Task.waiting_for.is_not(None)]
    query = select(Task).where(Task.state.in_(CLAIMABLE), *kept_back, due, open_queue)
    urgent = query.order_by(Task.priority.desc(), Task.created_at, Task.id).limit(BATCH)
    kept = queries.detached(urgent)
    if len(kept) < BATCH:
        return kept
    # More wait than one look takes in. Those at the head may wait for long, and must not hide the rest: a part of it, by chance, too.
    chance, by_id = str(uuid.uuid4()), query.order_by(Task.id)
    some = queries.detached(by_id.where(Task.id > chance).limit(BATCH))
    some += queries.detached(by_id.where(Task.id <= chance).limit(BATCH - len(some)))
    return list({task.id: task for task in kept + some}.values())


def _obstacle(task: Task, heads: dict[str, str | None], others: list[Running], settings: Settings) -> Obstacle | None:
    """As a claim would find it. Which worker will take it is not known here, so memory is left to the claim."""
    first = heads.get(task.exclusive) if task.exclusive is not None else None
    return admission.exclusion(task, first, others) or admission.limit(Running.of(task), others, settings)

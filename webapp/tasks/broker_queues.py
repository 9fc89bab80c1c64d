"""How many messages lie in the broker's queues, beside how many tasks wait for theirs."""

from collections.abc import Iterator
from itertools import product

from sqlalchemy import func, select

from webapp.broker import AWAY, broker
from webapp.celery import PRIORITIES
from webapp.extensions import db
from webapp.states import CLAIMABLE
from webapp.tasks.models import Task


def missing() -> Iterator[tuple[str, int]]:
    """Each queue with fewer messages than published tasks that wait, and how many fewer. Nothing while the broker is away."""
    published = [
        Task.state.in_(CLAIMABLE),
        Task.published_at.is_not(None),
    ]  # who waits for something was never, or taken back
    query = select(Task.queue, func.count()).where(*published).group_by(Task.queue)
    waiting = {queue: number for queue, number in db.session.execute(query)}
    there = depths(list(waiting))
    return ((queue, number - there[queue]) for queue, number in waiting.items() if number > there.get(queue, number))


def depths(queues: list[str]) -> dict[str, int]:
    """The number of messages in each queue; empty while the broker is away."""
    if not queues:
        return {}
    try:
        with broker().channel() as channel, channel.client.pipeline(transaction=False) as pipeline:
            for queue, priority in product(queues, PRIORITIES):
                pipeline.llen(channel._q_for_pri(queue, priority))
            lengths = pipeline.execute()
    except AWAY:
        return {}
    each = len(PRIORITIES)
    return {queue: sum(lengths[at * each : (at + 1) * each]) for at, queue in enumerate(queues)}

"""What workers say of themselves, and the queues that are paused, as writes to their rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select, update

from engines.base import EngineStatus
from webapp import clock, signals
from webapp.extensions import DatabaseNow, db
from webapp.workers.models import Queue, Worker

ANNOUNCE_SECONDS = 3.0
# So many announcements may be late or lost before a worker counts as away.
AWAY_AFTER = timedelta(seconds=6 * ANNOUNCE_SECONDS)
# A worker that is being started anew is away for a moment. What it has is still offered, so that nobody is refused meanwhile.
OFFERED_FOR = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident bytes of a worker, and of the engines that it runs. None where the system does not tell."""

    own: int | None = None
    engines: int | None = None


def sign_on(worker: Worker) -> None:
    """A worker begins. The rows of its earlier lives on this host, and of workers that are long gone, go."""
    now = db.session.scalar(select(DatabaseNow()))
    assert now is not None
    gone = or_(Worker.stopped_at.is_not(None), Worker.seen_at < now - AWAY_AFTER)
    earlier = and_(Worker.name == worker.name, Worker.host == worker.host, gone)
    db.session.execute(delete(Worker).where(or_(earlier, Worker.seen_at < now - FORGOTTEN_AFTER)))
    db.session.merge(worker)
    db.session.commit()


def still_here(worker_id: str, memory: Memory, *, stopping: bool, changed: dict[str, Any]) -> bool:
    """A worker's sign of life, with what has `changed`. False when its row is gone and it must sign on again."""
    values = {"seen_at": DatabaseNow(), "own_bytes": memory.own, "engines_bytes": memory.engines, **changed}
    if stopping:
        values["stopping_at"] = clock.now()
    found = db.session.execute(update(Worker).where(Worker.id == worker_id).values(**values))
    db.session.commit()
    return bool(found.rowcount)  # type: ignore[attr-defined]


def sign_off(worker_id: str) -> None:
    gone = {"seen_at": DatabaseNow(), "stopped_at": clock.now(), "own_bytes": None, "engines_bytes": None}
    db.session.execute(update(Worker).where(Worker.id == worker_id).values(**gone))
    db.session.commit()


def known() -> Sequence[Worker]:
    """Every worker that was heard of lately, alive or not, by name."""
    return db.session.scalars(select(Worker).order_by(Worker.name, Worker.started_at.desc())).all()


def is_alive(worker: Worker) -> bool:
    return worker.stopped_at is None and heard_within(worker, AWAY_AFTER)


def heard_within(worker: Worker, time: timedelta) -> bool:
    return worker.seen_at >= worker.read_at - time


def takes_tasks(worker: Worker) -> bool:
    return is_alive(worker) and worker.stopping_at is None


def state(worker: Worker) -> str:
    """`alive`, `stopping` (it takes no new task), `stopped`, or `away` when it fell silent."""
    if worker.stopped_at is not None:
        return "stopped"
    if not is_alive(worker):
        return "away"
    return "stopping" if worker.stopping_at is not None else "alive"


def direct_queue(worker_name: str) -> str:
    """The queue of the broker that only this worker serves. No task can be submitted to it: `@` is in no queue's name."""
    return f"@{worker_name}"


def packed(statuses: Sequence[EngineStatus]) -> list[dict[str, Any]]:
    """As JSON keeps it, so that what was stored can be compared with what is now."""
    return [
        {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(status).items()}
        for status in statuses
    ]


def unpacked(engines: Sequence[dict[str, Any]]) -> list[EngineStatus]:
    """Fields that another version of the product stored, and this one does not know, are passed over."""
    return [_status(each) for each in engines]


def pause(name: str, by: str) -> None:
    """Start no task of a queue any more; those that run go on. A paused one stays as it is."""
    queue = db.session.get(Queue, name) or Queue(name=name)
    if queue.paused_at is None:
        _set(queue, clock.now(), by)
        signals.tell("queue.paused", name, actor=by)


def resume(name: str, by: str) -> None:
    queue = db.session.get(Queue, name)
    if queue is not None and queue.paused_at is not None:
        _set(queue, None, None)
        signals.tell("queue.resumed", name, actor=by)


def paused() -> dict[str, Queue]:
    return {queue.name: queue for queue in db.session.scalars(select(Queue).where(Queue.paused_at.is_not(None)))}


def _set(queue: Queue, paused_at: datetime | None, paused_by: str | None) -> None:
    queue.paused_at, queue.paused_by = paused_at, paused_by
    db.session.add(queue)
    db.session.commit()


def _status(packed: dict[str, Any]) -> EngineStatus:
    known: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in packed.items()
        if name in EngineStatus.__dataclass_fields__
    }
    return EngineStatus(**known)

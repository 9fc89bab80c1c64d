"""What workers say of themselves, and the queues that somebody has paused."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, column_property, mapped_column

from webapp.extensions import Base, DatabaseNow, Moment

# As a task's id: MySQL's default collation would take `A` and `a` for the same queue.
QueueName = String(64).with_variant(mysql.VARCHAR(64, collation="utf8mb4_bin"), "mysql")


class Worker(Base):
    """One life of a worker process. It is alive while `seen_at` is fresh, and signs off by `stopped_at`.

    `seen_at` is a time of the database, as is `read_at`, when this row was read: clocks of machines may differ by minutes.

    `engines` is what it can run, each as EngineStatus has it. The memory is resident bytes; None where the system does not tell.
    """

    __tablename__ = "worker"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int] = mapped_column()
    version: Mapped[str] = mapped_column(String(32))
    concurrency: Mapped[int] = mapped_column()
    queues: Mapped[list[str]] = mapped_column(JSON)
    engines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)

    started_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment, default=DatabaseNow())
    read_at: Mapped[datetime] = column_property(DatabaseNow())
    stopping_at: Mapped[datetime | None] = mapped_column(Moment)
    stopped_at: Mapped[datetime | None] = mapped_column(Moment)
    own_bytes: Mapped[int | None] = mapped_column(BigInteger)
    engines_bytes: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_worker_seen_at", "seen_at"),)


class Queue(Base):
    """A queue that is or was paused: one that nobody ever paused has no row."""

    __tablename__ = "queue"

    name: Mapped[str] = mapped_column(QueueName, primary_key=True)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    paused_by: Mapped[str | None] = mapped_column(String(200))

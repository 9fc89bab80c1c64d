"""The rows of a task. What lists and polls read is in `task`; what is large lies beside it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, SmallInteger, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from webapp import clock
from webapp.extensions import Base, Moment
from webapp.states import DEFAULT_QUEUE, State, TaskType

LongText = Text().with_variant(mysql.LONGTEXT(), "mysql")
LongBytes = LargeBinary().with_variant(mysql.LONGBLOB(), "mysql")

# Celery's ids are UUIDs, yet a program may send a task under an id of its own.
ID_LENGTH = 155
# MySQL's default collation would take `A` and `a` for the same id.
TaskId = String(ID_LENGTH).with_variant(mysql.VARCHAR(ID_LENGTH, collation="utf8mb4_bin"), "mysql")


class Task(Base):
    """One run of a job. Times are UTC, `timeout` and durations seconds; the engine's process lived from `launched_at` to `exited_at`."""

    __tablename__ = "task"

    id: Mapped[str] = mapped_column(TaskId, primary_key=True)
    type: Mapped[TaskType] = mapped_column(String(16))
    name: Mapped[str | None] = mapped_column(String(200))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    state: Mapped[State] = mapped_column(String(16), default=State.PENDING)
    outcome: Mapped[str | None] = mapped_column(String(16))
    attempt: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(200))

    requested_engine: Mapped[str] = mapped_column(String(16), default="auto")
    engine: Mapped[str | None] = mapped_column(String(16))
    # What a worker must have to run it, as engines.needs.Needs keeps it; None where any may try.
    needs: Mapped[dict[str, list[str]] | None] = mapped_column(JSON(none_as_null=True))
    queue: Mapped[str] = mapped_column(String(64), default=DEFAULT_QUEUE)
    priority: Mapped[int] = mapped_column(SmallInteger, default=5)
    retries: Mapped[int] = mapped_column(default=0)
    timeout: Mapped[int | None] = mapped_column()
    deep: Mapped[bool] = mapped_column(default=False)

    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    launched_at: Mapped[datetime | None] = mapped_column(Moment)
    exited_at: Mapped[datetime | None] = mapped_column(Moment)
    heartbeat_at: Mapped[datetime | None] = mapped_column(Moment)
    not_before: Mapped[datetime | None] = mapped_column(Moment)
    cancel_requested_at: Mapped[datetime | None] = mapped_column(Moment)
    cancel_requested_by: Mapped[str | None] = mapped_column(String(200))
    finished_at: Mapped[datetime | None] = mapped_column(Moment)

    idempotency_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    fingerprint: Mapped[str | None] = mapped_column(String(64))

    progress: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    problems: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)

    # Every list is newest first within its filter, and no filter reads rows that it does not show.
    __table_args__ = (
        Index("ix_task_created", "created_at", "id"),
        Index("ix_task_state", "state", "created_at", "id"),
        Index("ix_task_outcome", "outcome", "created_at", "id"),
        Index("ix_task_type", "type", "created_at", "id"),
        Index("ix_task_name", "name", "created_at", "id"),
    )


class TaskDocument(Base):
    """What a task was asked to run: the document byte for byte as it was given (a validate task's may be anything), and its parameters."""

    __tablename__ = "task_document"

    task_id: Mapped[str] = mapped_column(TaskId, ForeignKey("task.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LongBytes)
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class TaskResult(Base):
    """What a finished task delivered, as JSON in ASCII, so that a poll passes it on without reading it. `brief` is for lists."""

    __tablename__ = "task_result"

    task_id: Mapped[str] = mapped_column(TaskId, ForeignKey("task.id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[str] = mapped_column(LongText)
    brief: Mapped[str] = mapped_column(Text)

"""The rows of a task. What lists and polls read is in `task`; what is large lies beside it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Double, ForeignKey, Index, LargeBinary, SmallInteger, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from webapp import clock
from webapp.extensions import Base, Moment
from webapp.projects import scope
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
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), default=scope.for_new)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    # The saved job that it runs. Ids are never used twice, so one that is deleted leads nowhere.
    job_id: Mapped[str | None] = mapped_column(String(36))
    job_version: Mapped[int | None] = mapped_column()

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
    stall_timeout: Mapped[int | None] = mapped_column()
    exclusive: Mapped[str | None] = mapped_column(String(200))
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    deep: Mapped[bool] = mapped_column(default=False)

    # What limits look at: the databases that the document names, and the bytes of memory that its engine may take.
    hosts: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    memory: Mapped[int | None] = mapped_column(BigInteger)
    waiting_for: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    launched_at: Mapped[datetime | None] = mapped_column(Moment)
    exited_at: Mapped[datetime | None] = mapped_column(Moment)
    heartbeat_at: Mapped[datetime | None] = mapped_column(Moment)
    stalled_since: Mapped[datetime | None] = mapped_column(Moment)
    not_before: Mapped[datetime | None] = mapped_column(Moment)
    cancel_requested_at: Mapped[datetime | None] = mapped_column(Moment)
    cancel_requested_by: Mapped[str | None] = mapped_column(String(200))
    finished_at: Mapped[datetime | None] = mapped_column(Moment)

    idempotency_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    fingerprint: Mapped[str | None] = mapped_column(String(64))

    progress: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    problems: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)

    # Every list is newest first within its project and filter, and no filter reads rows that it does not show. The scheduler looks
    # at the unfinished tasks of all projects.
    __table_args__ = (
        Index("ix_task_created", "project_id", "created_at", "id"),
        Index("ix_task_project_state", "project_id", "state", "created_at", "id"),
        Index("ix_task_outcome", "project_id", "outcome", "created_at", "id"),
        Index("ix_task_type", "project_id", "type", "created_at", "id"),
        Index("ix_task_name", "project_id", "name", "created_at", "id"),
        Index("ix_task_queue", "project_id", "queue", "created_at", "id"),
        Index("ix_task_engine", "project_id", "engine", "created_at", "id"),
        Index("ix_task_job", "project_id", "job_id", "created_at", "id"),
        Index("ix_task_state", "state", "created_at", "id"),
        Index("ix_task_exclusive", "exclusive", "state", "created_at", "id"),
        Index("ix_task_expires", "state", "expires_at"),
        # Many may wait: they are counted by queue, and who has no message is found, without a look at the rows.
        Index("ix_task_published", "state", "published_at", "queue"),
    )


class TaskAttempt(Base):
    """A run of a task that is over. `value` is its result as JSON, unless it ended the task: then that is the task's.

    `processes` proves how it was stopped: `{"asked_at", "ended": [{"pid", "command", "at"}], "left": [pid]}`. `cpu_seconds` and
    `peak_bytes` are what the engine's process took.
    """

    __tablename__ = "task_attempt"

    task_id: Mapped[str] = mapped_column(TaskId, ForeignKey("task.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    worker: Mapped[str | None] = mapped_column(String(200))
    engine: Mapped[str | None] = mapped_column(String(16))
    outcome: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    launched_at: Mapped[datetime | None] = mapped_column(Moment)
    exited_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime] = mapped_column(Moment)
    cpu_seconds: Mapped[float | None] = mapped_column(Double)
    peak_bytes: Mapped[int | None] = mapped_column(BigInteger)
    progress: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    processes: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    value: Mapped[str | None] = mapped_column(LongText)


class TaskSamples(Base):
    """How an attempt goes over time, as `samples.Samples` holds it."""

    __tablename__ = "task_samples"

    task_id: Mapped[str] = mapped_column(TaskId, ForeignKey("task.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channels: Mapped[int] = mapped_column()
    points: Mapped[list[list[float]]] = mapped_column(JSON)


class Gate(Base):
    """One row that everybody changes who must count running tasks and start one: so they come one after the other."""

    __tablename__ = "gate"

    id: Mapped[int] = mapped_column(primary_key=True)
    passes: Mapped[int] = mapped_column(BigInteger)


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

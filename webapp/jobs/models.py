"""The rows of saved jobs. What lists read is in `saved_job`; the documents lie in the versions."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from webapp import clock
from webapp.extensions import Base, Moment
from webapp.projects import scope

NAME_LENGTH = 200
# A folded name is longer than the name: `ß` becomes `ss`, and `ΐ` three characters.
KEY_LENGTH = 3 * NAME_LENGTH
TAG_LENGTH = 40
NOTE_LENGTH = 500
ID_LENGTH = 36

LongBytes = LargeBinary().with_variant(mysql.LONGBLOB(), "mysql")


def _exactly(length: int) -> Any:
    """Text that MySQL's default collation would compare without its accents."""
    return String(length).with_variant(mysql.VARCHAR(length, collation="utf8mb4_bin"), "mysql")


class SavedJob(Base):
    """What to run, under a name. `key` is the name without case, by which it is found and sorted; the rest is its newest version's."""

    __tablename__ = "saved_job"

    # Never used twice: tasks name the job that they ran also when it is deleted.
    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=lambda: str(uuid.uuid4()))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), default=scope.for_new)
    key: Mapped[str] = mapped_column(_exactly(KEY_LENGTH))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    description: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    changed_by: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (UniqueConstraint("project_id", "key"),)


class SavedJobVersion(Base):
    """A job as it was saved once; never changed but to seal its secrets anew. `restored` is the version that it repeats."""

    __tablename__ = "saved_job_version"

    job_id: Mapped[str] = mapped_column(
        String(ID_LENGTH), ForeignKey("saved_job.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    description: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LongBytes)
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    tags: Mapped[list[str]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(NOTE_LENGTH), default="")
    restored: Mapped[int | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    created_by: Mapped[str | None] = mapped_column(String(200))


class SavedJobTag(Base):
    """A tag of a job's newest version, with what a list by tag is sorted by."""

    __tablename__ = "saved_job_tag"

    job_id: Mapped[str] = mapped_column(
        String(ID_LENGTH), ForeignKey("saved_job.id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(_exactly(TAG_LENGTH), primary_key=True)
    project_id: Mapped[int] = mapped_column()
    key: Mapped[str] = mapped_column(_exactly(KEY_LENGTH))

    __table_args__ = (Index("ix_saved_job_tag_tag", "project_id", "tag", "key"),)

"""The rows of data sources."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp import clock
from webapp.extensions import Base, Moment
from webapp.projects import scope

NAME_LENGTH = 80


class DataSource(Base):
    """A connection of a project. `family` is how the names of its plugins begin. `password` is ciphertext; nothing else is secret."""

    __tablename__ = "data_source"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), default=scope.for_new)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    family: Mapped[str] = mapped_column(String(32))
    jdbc_url: Mapped[str] = mapped_column(Text)
    username: Mapped[str] = mapped_column(String(200))
    password: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

    __table_args__ = (UniqueConstraint("project_id", "name"),)

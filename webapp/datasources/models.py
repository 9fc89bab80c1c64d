"""The rows of data sources."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp import clock
from webapp.extensions import Base, Moment

NAME_LENGTH = 80


class DataSource(Base):
    """`family` is how the names of its plugins begin. `password` is ciphertext, and nothing else in the row is secret."""

    __tablename__ = "data_source"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), unique=True)
    family: Mapped[str] = mapped_column(String(32))
    jdbc_url: Mapped[str] = mapped_column(Text)
    username: Mapped[str] = mapped_column(String(200))
    password: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)

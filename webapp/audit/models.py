"""The rows of the audit."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Base, Moment

DIGEST_LENGTH = 64
ACTION_LENGTH = 64
TARGET_LENGTH = 200
ACTOR_LENGTH = 200
ADDRESS_LENGTH = 64


class AuditEntry(Base):
    """Something that was done. `detail` is JSON with sorted names: a database's own JSON type would write it anew."""

    __tablename__ = "audit_entry"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str | None] = mapped_column(String(ACTOR_LENGTH))
    address: Mapped[str | None] = mapped_column(String(ADDRESS_LENGTH))
    action: Mapped[str] = mapped_column(String(ACTION_LENGTH))
    target: Mapped[str | None] = mapped_column(String(TARGET_LENGTH))
    detail: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH))

    __table_args__ = (
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_action", "action", "number"),
        Index("ix_audit_entry_actor", "actor", "number"),
        Index("ix_audit_entry_target", "target", "number"),
    )


class AuditHead(Base):
    """The one row with the last entry's number and digest. Whoever appends changes it first, so that they come one after the other."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH))

"""People, their sessions and API tokens. No password, session or token is stored, only their hashes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp import clock
from webapp.accounts.roles import ALL_SCOPES, Role, Scope, as_text, scopes_in
from webapp.extensions import Base, Moment
from webapp.projects import scope

# The longest text of an IPv6 address that carries a zone or an IPv4 address in it.
ADDRESS_LENGTH = 64
AGENT_LENGTH = 200


class Account(Base):
    """`password_hash` is empty where another service vouches for the person; `subject` is that service's name for them."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(String(16))
    subject: Mapped[str | None] = mapped_column(String(255), unique=True)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)


class LoginSession(Base):
    """One signed-in browser. The row is what counts: without it the cookie opens nothing."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now, index=True)
    seen_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH))
    agent: Mapped[str] = mapped_column(String(AGENT_LENGTH))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="SET NULL"))


class ApiToken(Base):
    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), default=scope.for_new)
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    prefix: Mapped[str] = mapped_column(String(12))
    scope: Mapped[str] = mapped_column(String(40), default=lambda: as_text(ALL_SCOPES))
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def scopes(self) -> frozenset[Scope]:
        return scopes_in(self.scope)


class LoginAttempts(Base):
    """How often somebody was wrong lately, by account name and by address; shared by all web processes."""

    __tablename__ = "login_attempts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(Moment)
    locked_until: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (Index("ix_login_attempts_last_at", "last_at"),)

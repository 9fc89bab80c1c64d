"""Signed-in browsers: a row each, so that every session can be seen and ended from the server."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from webapp import clock
from webapp.accounts.models import ADDRESS_LENGTH, AGENT_LENGTH, Account, LoginSession
from webapp.accounts.roles import Caller, Role
from webapp.accounts.tokens import digest_of
from webapp.config import Settings
from webapp.errors import NotFound
from webapp.extensions import db
from webapp.projects import service as projects

# The time of the last request is written at most so often.
SEEN_NOTED_EVERY = timedelta(minutes=1)


def open_for(account: Account, settings: Settings, address: str = "", agent: str = "") -> str:
    """Begin a session and return its secret, which only the browser keeps."""
    _sweep(settings)
    secret = secrets.token_urlsafe(32)
    db.session.add(
        LoginSession(
            account_id=account.id,
            digest=digest_of(secret),
            address=_line(address, ADDRESS_LENGTH),
            agent=_line(agent, AGENT_LENGTH),
        )
    )
    db.session.commit()
    return secret


def caller(secret: str, settings: Settings) -> Caller | None:
    """Who is signed in with this secret; None when the session was ended, has expired, or its account is closed."""
    row = db.session.execute(
        select(LoginSession, Account)
        .join(Account, Account.id == LoginSession.account_id)
        .where(LoginSession.digest == digest_of(secret), Account.disabled_at.is_(None))
    ).first()
    if row is None or _over(row.LoginSession, settings):
        return None
    role = Role(row.Account.role)
    project_id = projects.chosen(row.Account.id, role == Role.ADMIN, row.LoginSession.project_id)
    found = Caller(row.Account.id, row.Account.username, role, project_id, session_id=row.LoginSession.id)
    if clock.now() - row.LoginSession.seen_at > SEEN_NOTED_EVERY:
        _note_seen(row.LoginSession.id)
    return found


def of(account_id: int, settings: Settings) -> Sequence[LoginSession]:
    """The open sessions of an account, the one used last first."""
    query = select(LoginSession).where(LoginSession.account_id == account_id).order_by(LoginSession.seen_at.desc())
    return [session for session in db.session.scalars(query) if not _over(session, settings)]


def choose_project(session_id: int, project_id: int) -> None:
    """Let a session be about another project."""
    db.session.execute(update(LoginSession).where(LoginSession.id == session_id).values(project_id=project_id))
    db.session.commit()


def revoke(session_id: int, account_id: int) -> None:
    """End one of an account's sessions. Raises NotFound."""
    ended = db.session.execute(
        delete(LoginSession).where(LoginSession.id == session_id, LoginSession.account_id == account_id)
    )
    db.session.commit()
    if not ended.rowcount:  # type: ignore[attr-defined]
        raise NotFound(f"There is no session {session_id}.")


def revoke_secret(secret: str) -> None:
    """End the session of a browser, if it has one."""
    db.session.execute(delete(LoginSession).where(LoginSession.digest == digest_of(secret)))
    db.session.commit()


def revoke_all(account_id: int, but: int | None = None) -> None:
    """End all sessions of an account, or all but one."""
    query = delete(LoginSession).where(LoginSession.account_id == account_id)
    db.session.execute(query if but is None else query.where(LoginSession.id != but))
    db.session.commit()


def _over(session: LoginSession, settings: Settings) -> bool:
    now = clock.now()
    return now - session.seen_at > settings.idle_limit or now - session.created_at > settings.absolute_limit


def _note_seen(session_id: int) -> None:
    now = clock.now()
    with db.engine.begin() as connection:
        connection.execute(
            update(LoginSession)
            .where(LoginSession.id == session_id, LoginSession.seen_at < now - SEEN_NOTED_EVERY)
            .values(seen_at=now)
        )


def _sweep(settings: Settings) -> None:
    """Delete what has expired; the commit is the caller's."""
    now: datetime = clock.now()
    expired = or_(
        LoginSession.created_at < now - settings.absolute_limit, LoginSession.seen_at < now - settings.idle_limit
    )
    db.session.execute(delete(LoginSession).where(expired))


def _line(text: str, length: int) -> str:
    return "".join(character for character in text if character.isprintable())[:length]

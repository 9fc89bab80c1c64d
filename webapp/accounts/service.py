"""Accounts: make them, let them in, change them."""

import secrets
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from webapp import clock, signals
from webapp.accounts import lockout, names, passwords, sessions, tokens
from webapp.accounts.models import Account, ApiToken
from webapp.accounts.roles import Role
from webapp.config import Settings, private_file
from webapp.errors import Conflict, Forbidden, NotFound
from webapp.extensions import db
from webapp.projects.models import DEFAULT, Membership


def log_in(username: str, password: str, address: str = "") -> Account | None:
    """The account, or None when the name or the password is wrong; which of the two is not to be told from answer or time.

    Raises TooManyRequests when the name or the address has been wrong too often.
    """
    lockout.count(username, address)
    account = _find(username)
    right = passwords.matches(account.password_hash if account else None, password)
    if account is None or not right or account.disabled_at is not None:
        # A name that nobody has may be a password that was typed into the wrong field.
        signals.tell("login.failed", account.username if account else "(unknown)")
        return None
    lockout.forgive(username, address)
    signals.tell("login", account.username, actor=account.username)
    return account


def everybody() -> Sequence[Account]:
    return db.session.scalars(select(Account).order_by(Account.username)).all()


def get(account_id: int) -> Account:
    account = db.session.get(Account, account_id)
    if account is None:
        raise NotFound(f"There is no account {account_id}.")
    return account


def account_named(username: str) -> Account:
    account = _find(username)
    if account is None:
        raise NotFound(f"There is no account named {username!r}.")
    return account


def username_of(account_id: int) -> str:
    return db.session.scalar(select(Account.username).where(Account.id == account_id)) or "a deleted account"


def create(username: str, role: Role, password: str | None = None, subject: str | None = None) -> Account:
    """Make an account; without a password only another service can vouch for it. Raises InvalidRequest, Conflict.

    It belongs to the default project, until an admin says otherwise.
    """
    name = names.accept(username)
    digest = passwords.UNUSABLE if password is None else passwords.hashed(passwords.accept(password, name))
    account = Account(username=name, role=role, password_hash=digest, subject=subject)
    db.session.add(account)
    try:
        db.session.flush()
        db.session.add(Membership(project_id=DEFAULT, account_id=account.id))
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise Conflict(_("There is already an account named %(name)s.", name=name)) from None
    signals.tell("account.created", name, role=role)
    return account


def set_password(account: Account, password: str, keep: int | None = None) -> None:
    """Give an account another password. All its sessions end, but for the one to `keep`."""
    account.password_hash = passwords.hashed(passwords.accept(password, account.username))
    db.session.commit()
    sessions.revoke_all(account.id, but=keep)
    lockout.unlock(account.username)
    signals.tell("account.password", account.username)


def change_password(account: Account, old: str, new: str, address: str, session_id: int | None) -> None:
    """One's own: the old one must be right. Raises Forbidden, InvalidRequest, TooManyRequests."""
    passwords.accept(new, account.username)
    if log_in(account.username, old, address) is None:
        raise Forbidden(_("The present password is wrong."))
    set_password(account, new, keep=session_id)


def set_role(account: Account, role: Role) -> None:
    """Raises Conflict for the last admin."""
    if role != Role.ADMIN:
        _keep_an_admin(account)
    account.role = role
    db.session.commit()
    tokens.forget()
    signals.tell("account.role", account.username, role=role)


def disable(account: Account) -> None:
    """Close an account: its sessions end, its tokens open nothing. Raises Conflict for the last admin."""
    _keep_an_admin(account)
    account.disabled_at = clock.now()
    db.session.commit()
    sessions.revoke_all(account.id)
    tokens.forget()
    signals.tell("account.closed", account.username)


def enable(account: Account) -> None:
    account.disabled_at = None
    db.session.commit()
    signals.tell("account.opened", account.username)


def prepare(settings: Settings) -> str | None:
    """Make sure of the first account and of the token that `API_TOKEN` names. Returns a password that was generated just now."""
    account = _find(settings.admin_username)
    generated = None
    if account is None:
        given = settings.admin_password
        password = given.get_secret_value() if given else passwords.generated()
        generated = None if given else password
        account = _first(settings.admin_username, password)
    if settings.api_token is not None:
        _ensure_token(account, settings.api_token.get_secret_value())
    return generated


def local_token(settings: Settings) -> str:
    """The token by which `make run` itself talks to the public API, kept in a private file."""
    token = private_file(settings.var_dir / "local_token", tokens.PREFIX + secrets.token_urlsafe(32))
    _ensure_token(account_named(settings.admin_username), token, "local")
    return token


def _find(username: str) -> Account | None:
    # PostgreSQL refuses to be asked for a text with a NUL character in it.
    return None if "\x00" in username else db.session.scalar(select(Account).where(Account.username == username))


def _first(username: str, password: str) -> Account:
    try:
        return create(username, Role.ADMIN, password)
    except Conflict:  # another process of the same start was first
        return account_named(username)


def _ensure_token(account: Account, value: str, name: str = "API_TOKEN") -> None:
    known = db.session.scalar(select(ApiToken.id).where(ApiToken.digest == tokens.digest_of(value)))
    if known is not None:
        return
    try:
        tokens.create(account, name, value)
    except IntegrityError:  # another process of the same start was first
        db.session.rollback()


def _keep_an_admin(account: Account) -> None:
    others = select(func.count()).where(
        Account.role == Role.ADMIN, Account.disabled_at.is_(None), Account.id != account.id
    )
    if account.role == Role.ADMIN and not db.session.scalar(others):
        raise Conflict(_("This is the last admin: make another one first."))

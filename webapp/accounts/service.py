"""Accounts and tokens: make them, and recognise who is calling."""

import hashlib
import secrets
from time import monotonic

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.accounts.models import Account, ApiToken
from webapp.config import Settings, private_file
from webapp.errors import NotFound
from webapp.extensions import db

TOKEN_PREFIX = "dxc_"

# A poll costs one primary-key read, not two: a token just seen is not looked up again for this long. It is also how long a
# deleted token may still be accepted by a web process that has just seen it.
TOKEN_CACHE_SECONDS = 2.0
TOKEN_CACHE_SIZE = 10_000

_hasher = PasswordHasher()
_seen: dict[str, tuple[float, int]] = {}

# Verified when the name is unknown, so that the answer takes as long as for a known one.
_NOBODY = _hasher.hash(secrets.token_hex(16))


def log_in(username: str, password: str) -> Account | None:
    """The account, or None when the name or the password is wrong; which of the two is not to be told from the time it took."""
    account = db.session.scalar(select(Account).where(Account.username == username))
    try:
        _hasher.verify(account.password_hash if account else _NOBODY, password)
    except (VerifyMismatchError, InvalidHashError):
        return None
    return account


def account_of_token(token: str) -> int | None:
    """The id of the account that an API token belongs to."""
    digest = _digest(token)
    until, account_id = _seen.get(digest, (0.0, 0))
    if monotonic() < until:
        return account_id
    found = db.session.scalar(select(ApiToken.account_id).where(ApiToken.digest == digest))
    if found is not None:
        if len(_seen) >= TOKEN_CACHE_SIZE:
            _seen.clear()
        _seen[digest] = (monotonic() + TOKEN_CACHE_SECONDS, found)
    return found


def create_token(account: Account, name: str, value: str | None = None) -> str:
    """Make a token and return it: the only time that it can be seen."""
    token = value or TOKEN_PREFIX + secrets.token_urlsafe(32)
    db.session.add(ApiToken(account_id=account.id, name=name, digest=_digest(token), prefix=token[:8]))
    db.session.commit()
    return token


def account_named(username: str) -> Account:
    account = db.session.scalar(select(Account).where(Account.username == username))
    if account is None:
        raise NotFound(f"There is no account named {username!r}.")
    return account


def username_of(account_id: int) -> str:
    return db.session.scalar(select(Account.username).where(Account.id == account_id)) or "a deleted account"


def set_password(account: Account, password: str) -> None:
    account.password_hash = _hasher.hash(password)
    db.session.commit()


def prepare(settings: Settings) -> str | None:
    """Make sure of the first account and of the token that `API_TOKEN` names. Returns a password that was generated just now."""
    account = db.session.scalar(select(Account).where(Account.username == settings.admin_username))
    generated = None
    if account is None:
        given = settings.admin_password
        password = given.get_secret_value() if given else secrets.token_urlsafe(12)
        generated = None if given else password
        account = _create(settings.admin_username, password)
    if settings.api_token is not None:
        _ensure_token(account, settings.api_token.get_secret_value())
    return generated


def local_token(settings: Settings) -> str:
    """The token by which `make run` itself talks to the public API, kept in a private file."""
    token = private_file(settings.var_dir / "local_token", TOKEN_PREFIX + secrets.token_urlsafe(32))
    _ensure_token(account_named(settings.admin_username), token, "local")
    return token


def _create(username: str, password: str) -> Account:
    account = Account(username=username, password_hash=_hasher.hash(password))
    db.session.add(account)
    try:
        db.session.commit()
    except IntegrityError:  # another process of the same start was first
        db.session.rollback()
        return account_named(username)
    return account


def _ensure_token(account: Account, value: str, name: str = "API_TOKEN") -> None:
    known = db.session.scalar(select(ApiToken.id).where(ApiToken.digest == _digest(value)))
    if known is not None:
        return
    try:
        create_token(account, name, value)
    except IntegrityError:  # another process of the same start was first
        db.session.rollback()


def _digest(token: str) -> str:
    # A token has 256 random bits, so a fast hash protects it as well as a slow one.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

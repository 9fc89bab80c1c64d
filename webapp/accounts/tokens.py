"""API tokens: make them, recognise who is calling with one, list and revoke them."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic

from flask_babel import gettext as _
from sqlalchemy import and_, bindparam, or_, select, update

from webapp import clock, signals
from webapp.accounts import names
from webapp.accounts.models import Account, ApiToken
from webapp.accounts.roles import ALL_SCOPES, Caller, Role, Scope, as_text, scopes_in
from webapp.errors import Forbidden, InvalidRequest, NotFound
from webapp.extensions import db
from webapp.projects import scope
from webapp.projects.models import Membership

PREFIX = "dxc_"
# A token that somebody chose may be short: showing as much of it as of ours would give too much away.
SHOWN, SHOWN_OF_OTHERS = 8, 3

# A poll costs one primary-key read, not two: a token just seen is not looked up again for this long. It is also how long a
# revoked token may still be accepted by another web process that has just seen it.
CACHE_SECONDS = 2.0
CACHE_SIZE = 10_000
# The time of the last use is written at most so often.
USE_NOTED_EVERY = timedelta(minutes=1)

_seen: dict[str, tuple[float, Caller]] = {}

_tokens, _accounts, _members = ApiToken.__table__, Account.__table__, Membership.__table__
_joined = and_(_members.c.account_id == _tokens.c.account_id, _members.c.project_id == _tokens.c.project_id)
_KNOWN = (
    select(
        _tokens.c.id,
        _tokens.c.digest,
        _tokens.c.scope,
        _tokens.c.expires_at,
        _tokens.c.used_at,
        _tokens.c.account_id,
        _accounts.c.username,
        _accounts.c.role,
        _tokens.c.project_id,
    )
    .select_from(_tokens.join(_accounts, _accounts.c.id == _tokens.c.account_id).outerjoin(_members, _joined))
    .where(
        _tokens.c.digest == bindparam("digest"),
        _accounts.c.disabled_at.is_(None),
        or_(_accounts.c.role == Role.ADMIN, _members.c.project_id.is_not(None)),
    )
)


def caller(token: str) -> Caller | None:
    """Who calls with this token; None when there is no such token, or no longer."""
    digest = digest_of(token)
    return _valid(_remembered(digest) or _looked_up(digest))


def seen_lately(digest: str) -> Caller | None:
    """Who calls with the token of this digest, if that was looked up within CACHE_SECONDS. Each look-up makes another object."""
    return _valid(_remembered(digest))


def create(
    account: Account,
    name: str,
    value: str | None = None,
    *,
    scopes: frozenset[Scope] = ALL_SCOPES,
    expires_at: datetime | None = None,
    project_id: int | None = None,
) -> str:
    """Make a token and return it: the only time that it can be seen. Raises InvalidRequest."""
    if not scopes:
        raise InvalidRequest(_("A token without a scope is good for nothing: choose at least one."))
    token = value or PREFIX + secrets.token_urlsafe(32)
    shown = SHOWN if value is None or value.startswith(PREFIX) else SHOWN_OF_OTHERS
    db.session.add(
        ApiToken(
            account_id=account.id,
            name=names.accept(name),
            digest=digest_of(token),
            prefix=token[:shown],
            scope=as_text(scopes),
            expires_at=expires_at,
            project_id=project_id or scope.for_new(),
        )
    )
    db.session.commit()
    signals.tell("token.created", name, account=account.username, scopes=as_text(scopes))
    return token


def create_by(by: Caller, name: str, scopes: frozenset[Scope], expires_at: datetime | None) -> str:
    """A token for the caller, who cannot give it more than they have. Raises Forbidden."""
    if not scopes <= by.scopes:
        raise Forbidden(_("A token gives no other scopes than it has itself: %(scopes)s.", scopes=as_text(by.scopes)))
    if by.expires_at is not None:
        expires_at = min(by.expires_at, expires_at or by.expires_at)
    return create(db.session.get_one(Account, by.account_id), name, scopes=scopes, expires_at=expires_at)


def of(account_id: int) -> Sequence[ApiToken]:
    """The tokens of an account, newest first."""
    return db.session.scalars(
        select(ApiToken).where(ApiToken.account_id == account_id).order_by(ApiToken.id.desc())
    ).all()


def revoke(token_id: int, account_id: int) -> None:
    """End one of an account's tokens. Raises NotFound."""
    _delete(db.session.scalar(select(ApiToken).where(ApiToken.id == token_id, ApiToken.account_id == account_id)))


def revoke_any(token_id: int) -> None:
    """End anybody's token. Raises NotFound."""
    _delete(db.session.get(ApiToken, token_id))


def forget() -> None:
    """Look every token up again: something about tokens or accounts has changed."""
    _seen.clear()


def digest_of(token: str) -> str:
    # A token has 256 random bits, so a fast hash protects it as well as a slow one.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _delete(token: ApiToken | None) -> None:
    if token is None:
        raise NotFound("There is no such token.")
    name = token.name
    db.session.delete(token)
    db.session.commit()
    forget()
    signals.tell("token.revoked", name)


def _remembered(digest: str) -> Caller | None:
    until, found = _seen.get(digest, (0.0, None))
    return found if monotonic() < until else None


def _valid(found: Caller | None) -> Caller | None:
    if found is None or (found.expires_at is not None and found.expires_at <= clock.now()):
        return None
    return found


def _looked_up(digest: str) -> Caller | None:
    with db.engine.connect() as connection:
        row = connection.execute(_KNOWN, {"digest": digest}).first()
    if row is None or not hmac.compare_digest(row.digest, digest):
        return None
    found = Caller(
        row.account_id,
        row.username,
        Role(row.role),
        row.project_id,
        scopes_in(row.scope),
        token_id=row.id,
        expires_at=row.expires_at,
    )
    if len(_seen) >= CACHE_SIZE:
        _seen.clear()
    _seen[digest] = (monotonic() + CACHE_SECONDS, found)
    if row.used_at is None or clock.now() - row.used_at > USE_NOTED_EVERY:
        _note_use(row.id)
    return found


def _note_use(token_id: int) -> None:
    now = clock.now()
    unnoted = or_(ApiToken.used_at.is_(None), ApiToken.used_at < now - USE_NOTED_EVERY)
    with db.engine.begin() as connection:
        connection.execute(update(ApiToken).where(ApiToken.id == token_id, unnoted).values(used_at=now))

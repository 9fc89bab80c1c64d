"""Guessing passwords takes longer with every wrong one, for each account name and for each address.

The counters lie in the database, so they hold for all web processes. An unknown name is counted like a known one: the answers do not
tell which names exist. A try is counted before the password is looked at, so that a hundred at once are not a hundred free ones.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil

from flask_babel import gettext as _
from sqlalchemy import delete, or_, update
from sqlalchemy.exc import IntegrityError

from webapp import clock
from webapp.accounts.models import LoginAttempts
from webapp.errors import TooManyRequests
from webapp.extensions import db

FORGOTTEN_AFTER = timedelta(hours=24)
# Two that count the same try at the same moment try again; so many in a row only a flood does.
TURNS = 5
# All addresses of one customer's network count as one.
IPV6_NETWORK_BITS = 64


@dataclass(frozen=True, slots=True)
class Patience:
    """How many wrong tries are free; the next costs a second, each further one twice as much, up to `longest` seconds."""

    free: int
    longest: int

    def delay(self, failures: int) -> timedelta | None:
        over = failures - self.free
        return None if over <= 0 else timedelta(seconds=min(2.0 ** min(over - 1, 30), self.longest))


# Somebody else may use up the tries of an account or of an office's address, so nobody must be shut out for long.
ACCOUNT = Patience(free=5, longest=300)
ADDRESS = Patience(free=30, longest=300)


def count(username: str, address: str) -> None:
    """Count one try. Raises TooManyRequests when this address or this name must wait."""
    for key, patience in reversed(_keys(username, address)):
        wait = _taken(key, patience)
        if wait is not None:
            raise TooManyRequests(
                _("Too many wrong passwords. Try again in %(seconds)s s.", seconds=wait), retry_after=wait
            )


def forgive(username: str, address: str) -> None:
    """The password was right: the account begins anew, and for the address this try does not count."""
    (account, _patience), (network, _patience) = _keys(username, address)
    db.session.execute(delete(LoginAttempts).where(LoginAttempts.key == account))
    db.session.execute(
        update(LoginAttempts)
        .where(LoginAttempts.key == network, LoginAttempts.failures > 0)
        .values(failures=LoginAttempts.failures - 1, locked_until=None)
    )
    db.session.commit()


def unlock(username: str) -> None:
    """Begin an account's count anew."""
    (account, _patience), _address = _keys(username, "")
    db.session.execute(delete(LoginAttempts).where(LoginAttempts.key == account))
    db.session.commit()


def _taken(key: str, patience: Patience) -> int | None:
    """Seconds to wait, or None when the try may go on."""
    for _turn in range(TURNS):
        seen = db.session.get(LoginAttempts, key, populate_existing=True)
        now = clock.now()
        if seen is not None and seen.locked_until is not None and seen.locked_until > now:
            return ceil((seen.locked_until - now).total_seconds())
        if _first(key, now) if seen is None else _counted(seen, patience, now):
            return None
    return 1


def _counted(seen: LoginAttempts, patience: Patience, now: datetime) -> bool:
    failures = 1 if now - seen.last_at > FORGOTTEN_AFTER else seen.failures + 1
    delay = patience.delay(failures)
    unlocked = or_(LoginAttempts.locked_until.is_(None), LoginAttempts.locked_until <= now)
    changed = db.session.execute(
        update(LoginAttempts)
        .where(LoginAttempts.key == seen.key, LoginAttempts.failures == seen.failures, unlocked)
        .values(failures=failures, last_at=now, locked_until=now + delay if delay else None)
    )
    db.session.commit()
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _first(key: str, now: datetime) -> bool:
    db.session.execute(delete(LoginAttempts).where(LoginAttempts.last_at < now - FORGOTTEN_AFTER))
    db.session.add(LoginAttempts(key=key, failures=1, last_at=now))
    try:
        db.session.commit()
    except IntegrityError:  # somebody else was first
        db.session.rollback()
        return False
    return True


def _keys(username: str, address: str) -> tuple[tuple[str, Patience], tuple[str, Patience]]:
    name = username.strip().casefold()
    return (_digest(f"account {name}"), ACCOUNT), (_digest(f"address {network_of(address)}"), ADDRESS)


def network_of(address: str) -> str:
    """The address, or of an IPv6 address the network that one customer gets."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{IPv6Address(int(parsed) >> IPV6_NETWORK_BITS << IPV6_NETWORK_BITS)}/{IPV6_NETWORK_BITS}"
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

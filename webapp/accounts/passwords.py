"""Passwords: hashed with argon2id, checked in the same time whether or not there is such an account."""

import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask_babel import gettext as _

from webapp.errors import InvalidRequest

SHORTEST = 8
LONGEST = 1024
# Of an account that has no password. It matches none.
UNUSABLE = ""

# Each check takes 64 MiB for a moment. Without a bound a crowd of log-ins would take them all at once.
CHECKS_AT_ONCE = 4

_hasher = PasswordHasher()
_turns = BoundedSemaphore(CHECKS_AT_ONCE)
# Of a random text that nobody knows. It stands here because making one takes a sixth of a second at the start of every process.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$slx/9FbMUZAHxfIYnNgGwA$mGYi+1vCJmIhbxkbN24IIaHqGH07oDitzdLFd6T8nZY"


def hashed(password: str) -> str:
    with _turns:
        return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the right one; None stands for an account that does not exist, and takes as long."""
    usable = password_hash not in (None, UNUSABLE) and len(password) <= LONGEST
    with _turns:
        try:
            _hasher.verify(password_hash if usable and password_hash else _NOBODY, password[:LONGEST])
        except (VerifyMismatchError, InvalidHashError):
            return False
    return usable


def generated() -> str:
    return secrets.token_urlsafe(12)


def accept(password: str, username: str) -> str:
    """The password, when it may be one. Raises InvalidRequest."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidRequest(
            _("A password has %(shortest)s to %(longest)s characters.", shortest=SHORTEST, longest=LONGEST)
        )
    if password.casefold() == username.casefold():
        raise InvalidRequest(_("The password must not be the user name."))
    return password

"""What a person may do, what a token may do, and the rule that a route sets on both."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Each may do what those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        return _RANK[self] >= _RANK[other]


class Scope(StrEnum):
    """What a token is good for. None includes another: a program that submits and polls has two."""

    READ = "read"
    SUBMIT = "submit"
    MANAGE = "manage"


_RANK = {role: rank for rank, role in enumerate(Role)}
ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a caller needs at least: the role of the account, and one scope when it comes with a token."""

    role: Role
    scope: Scope


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request, by a session or by a token."""

    account_id: int
    username: str
    role: Role
    project_id: int
    scopes: frozenset[Scope] = field(default=ALL_SCOPES)
    session_id: int | None = None
    token_id: int | None = None
    expires_at: datetime | None = None

    def may(self, rule: Rule) -> bool:
        return self.role.covers(rule.role) and rule.scope in self.scopes

    @property
    def is_operator(self) -> bool:
        return self.role.covers(Role.OPERATOR)

    @property
    def is_admin(self) -> bool:
        return self.role.covers(Role.ADMIN)


def scopes_in(text: str) -> frozenset[Scope]:
    """The scopes as they are stored in one column."""
    return frozenset(Scope(word) for word in text.split())


def as_text(scopes: frozenset[Scope]) -> str:
    return " ".join(scope for scope in Scope if scope in scopes)

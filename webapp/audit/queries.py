"""Reading the audit, newest first. Every query follows an index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, select

from webapp.audit.models import AuditEntry
from webapp.extensions import db

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Filter:
    """None leaves a field open. An action may end in `*`; `since` is inclusive, `until` exclusive."""

    action: str | None = None
    actor: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def page(wanted: Filter, limit: int) -> Sequence[AuditEntry]:
    return db.session.scalars(_query(wanted).limit(limit)).all()


def every(wanted: Filter) -> Iterator[Any]:
    """All that match, in little memory. The request may be over when they are read, and its connection given back."""
    engine = db.engine

    def rows() -> Iterator[Any]:
        before = wanted.before
        while found := _some(engine, replace(wanted, before=before)):
            yield from found
            before = found[-1].number

    return rows()


def _some(engine: Engine, wanted: Filter) -> Sequence[Any]:
    with engine.connect() as connection:
        return connection.execute(_query(wanted).limit(ROWS_AT_ONCE)).all()


def _query(wanted: Filter) -> Select[AuditEntry]:
    query = select(AuditEntry).order_by(AuditEntry.number.desc())
    if wanted.action is not None and wanted.action.endswith("*"):
        query = query.where(AuditEntry.action.startswith(wanted.action[:-1], autoescape=True))
    elif wanted.action is not None:
        query = query.where(AuditEntry.action == wanted.action)
    if wanted.actor is not None:
        query = query.where(AuditEntry.actor == wanted.actor)
    if wanted.target is not None:
        query = query.where(AuditEntry.target == wanted.target)
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    return query if wanted.before is None else query.where(AuditEntry.number < wanted.before)

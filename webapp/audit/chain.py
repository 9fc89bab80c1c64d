"""The chain: how an entry is appended, and how it is proved that none was changed, removed or moved since."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from sqlalchemy import Connection, RowMapping, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from webapp import clock
from webapp.audit.models import (
    ACTION_LENGTH,
    ACTOR_LENGTH,
    ADDRESS_LENGTH,
    TARGET_LENGTH,
    AuditEntry,
    AuditHead,
)
from webapp.extensions import db

# What the first entry follows.
START = "0" * 64
ROWS_AT_ONCE = 1000

_entries, _heads = cast(Table, AuditEntry.__table__), cast(Table, AuditHead.__table__)
Entry = Mapping[str, Any] | RowMapping
_FIELDS = ("number", "at", "actor", "address", "action", "target", "detail")


def append(action: str, target: str | None, actor: str | None, address: str | None, detail: Mapping[str, str]) -> None:
    """Write an entry down, in a transaction of its own.

    1. Step the head, which makes everybody else who appends wait; 2. read what it said; 3. write the entry that follows;
    4. tell the head its digest.
    """
    _ensure_head()
    with db.engine.begin() as connection:
        connection.execute(update(_heads).values(number=_heads.c.number + 1))
        number, previous = connection.execute(select(_heads.c.number, _heads.c.digest)).one()
        entry = {
            "number": number,
            "at": clock.now(),
            "actor": _cut(actor, ACTOR_LENGTH),
            "address": _cut(address, ADDRESS_LENGTH),
            "action": action[:ACTION_LENGTH],
            "target": _cut(target, TARGET_LENGTH),
            "detail": json.dumps(detail, sort_keys=True),
        }
        digest = digest_of(previous, entry)
        connection.execute(insert(_entries).values(**entry, digest=digest))
        connection.execute(update(_heads).values(digest=digest))


def digest_of(previous: str, entry: Entry) -> str:
    """SHA-256 over the digest before and the entry's fields, in a form that no two entries share."""
    canonical = json.dumps([previous, *(_plain(entry[name]) for name in _FIELDS)])
    return hashlib.sha256(canonical.encode()).hexdigest()


def faults(known: str | None = None) -> Iterator[str]:
    """What is wrong with the chain; nothing when it is whole. `known` is a digest that must be in it, noted down before."""
    last, previous, seen = 0, START, known is None
    with db.engine.connect() as connection:
        for row in _rows(connection):
            if row["number"] != last + 1:
                yield f"entries {last + 1} to {row['number'] - 1} are missing"
            elif digest_of(previous, row) != row["digest"]:
                yield f"entry {row['number']} was changed, or does not follow the one before it"
            last, previous = row["number"], row["digest"]
            seen = seen or previous == known
        head = connection.execute(select(_heads.c.number, _heads.c.digest)).first() or (0, START)
    if (last, previous) != tuple(head):
        yield f"the last entry is {last}, but the head says {head[0]}: entries at the end were removed, or written by hand"
    if not seen:
        yield f"no entry has the digest {known}: the chain was made anew since it was noted"


def head() -> tuple[int, str]:
    """Number and digest of the last entry."""
    with db.engine.connect() as connection:
        found = connection.execute(select(_heads.c.number, _heads.c.digest)).first()
    return (0, START) if found is None else (found[0], found[1])


def _rows(connection: Connection) -> Iterator[RowMapping]:
    last = 0
    while True:
        query = select(_entries).where(_entries.c.number > last).order_by(_entries.c.number).limit(ROWS_AT_ONCE)
        rows = connection.execute(query).mappings().all()
        yield from rows
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1]["number"]


def _ensure_head() -> None:
    with db.engine.connect() as connection:
        if connection.execute(select(_heads.c.id)).first() is not None:
            return
    try:
        with db.engine.begin() as connection:
            connection.execute(insert(_heads).values(id=1, number=0, digest=START))
    except IntegrityError:
        return  # another process was first


def _cut(text: str | None, length: int) -> str | None:
    """What fits, without the character that PostgreSQL refuses."""
    return None if text is None else text.replace("\x00", "\ufffd")[:length]


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="microseconds") if hasattr(value, "isoformat") else value

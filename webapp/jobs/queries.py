"""Reading saved jobs, within the project that the work is about. Every query follows an index and is bounded."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import defer

from webapp.errors import InvalidRequest, NotFound
from webapp.extensions import db
from webapp.jobs.models import SavedJob, SavedJobTag, SavedJobVersion
from webapp.jobs.schemas import key_of
from webapp.projects import scope
from webapp.projects.models import DEFAULT
from webapp.tasks.listing import LISTED, ListedTask
from webapp.tasks.models import Task

# So many tags are offered as a filter, those of most jobs.
MOST_OFFERED = 100
KEYS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Filter:
    """Which jobs a list shows: `text` is part of the name in any case."""

    text: str | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Jobs by name, and where the next page begins."""

    jobs: Sequence[SavedJob]
    next_cursor: str | None


def project() -> int:
    current = scope.current()
    return DEFAULT if current is None else current


def find(job_id: str) -> SavedJob | None:
    job = db.session.get(SavedJob, job_id) if "\x00" not in job_id else None
    return job if job is not None and scope.sees(job.project_id) else None


def get(job_id: str) -> SavedJob:
    job = find(job_id)
    if job is None:
        raise NotFound(f"There is no saved job {job_id!r}.")
    return job


def named(name: str) -> SavedJob | None:
    query = select(SavedJob).where(SavedJob.project_id == project(), SavedJob.key == key_of(name))
    return db.session.scalar(query)


def named_so(names: Sequence[str]) -> Sequence[SavedJob]:
    """The jobs that have one of these names, so many in one query."""
    keys = sorted({key_of(name) for name in names if "\x00" not in name})
    parts = [keys[at : at + KEYS_AT_ONCE] for at in range(0, len(keys), KEYS_AT_ONCE)]
    mine = select(SavedJob).where(SavedJob.project_id == project())
    return [job for part in parts for job in db.session.scalars(mine.where(SavedJob.key.in_(part)))]


def these(job_ids: Sequence[str]) -> Sequence[SavedJob]:
    """Jobs by id, sorted by name; ids of none are passed over."""
    wanted = SavedJob.id.in_([job_id for job_id in job_ids if "\x00" not in job_id])
    return db.session.scalars(
        select(SavedJob).where(SavedJob.project_id == project(), wanted).order_by(SavedJob.key)
    ).all()


def page(wanted: Filter, limit: int, cursor: str | None = None) -> Page:
    """Raises InvalidRequest for a cursor that this did not give."""
    found = db.session.scalars(_query(wanted, None if cursor is None else _place(cursor)).limit(limit + 1)).all()
    more = len(found) > limit
    return Page(found[:limit], _cursor(found[limit - 1].key) if more else None)


def every(wanted: Filter, at_once: int) -> Iterator[Sequence[SavedJob]]:
    """All that match, in pages; between them no connection is held."""
    found = page(wanted, at_once)
    while True:
        yield found.jobs
        db.session.rollback()
        if found.next_cursor is None:
            return
        found = page(wanted, at_once, found.next_cursor)


def count() -> int:
    return db.session.scalar(select(func.count()).where(SavedJob.project_id == project())) or 0


def tags() -> Sequence[str]:
    """The tags in use, those of most jobs, sorted."""
    number = func.count()
    query = select(SavedJobTag.tag).where(SavedJobTag.project_id == project()).group_by(SavedJobTag.tag)
    return sorted(db.session.scalars(query.order_by(number.desc(), SavedJobTag.tag).limit(MOST_OFFERED)))


def version(job: SavedJob, number: int | None = None) -> SavedJobVersion:
    """A version with its document; the newest one unless it is said which. Raises NotFound."""
    found = db.session.get(SavedJobVersion, (job.id, job.version if number is None else number))
    if found is None:
        raise NotFound(f"The job {job.name!r} has no version {number}.")
    return found


def newest(jobs: Sequence[SavedJob]) -> dict[str, SavedJobVersion]:
    """The newest version of each, by the id of its job."""
    mine = select(SavedJobVersion).join(SavedJob, SavedJob.id == SavedJobVersion.job_id)
    mine = mine.where(SavedJobVersion.number == SavedJob.version)
    parts = [jobs[at : at + KEYS_AT_ONCE] for at in range(0, len(jobs), KEYS_AT_ONCE)]
    found = [db.session.scalars(mine.where(SavedJobVersion.job_id.in_([job.id for job in part]))) for part in parts]
    return {version.job_id: version for rows in found for version in rows}


def versions(job: SavedJob, limit: int, before: int | None = None) -> Sequence[SavedJobVersion]:
    """The newest first, without their documents."""
    query = select(SavedJobVersion).where(SavedJobVersion.job_id == job.id)
    if before is not None:
        query = query.where(SavedJobVersion.number < before)
    query = query.order_by(SavedJobVersion.number.desc()).limit(limit)
    return db.session.scalars(query.options(defer(SavedJobVersion.content))).all()


def last_runs(jobs: Sequence[SavedJob]) -> dict[str, ListedTask]:
    """The newest task of each job that has run, by the job's id: one short read of an index for each."""
    each = [_newest_task(job) for job in jobs]
    if not each:
        return {}
    return {row.job_id: row for row in db.session.execute(union_all(*each))}


def _newest_task(job: SavedJob) -> Select[Any]:
    newest_first = Task.created_at.desc(), Task.id.desc()
    found = select(*LISTED).where(Task.project_id == job.project_id, Task.job_id == job.id)
    return select(found.order_by(*newest_first).limit(1).subquery())


def _query(wanted: Filter, after: str | None) -> Select[SavedJob]:
    if wanted.tag is None:
        query, key = select(SavedJob).where(SavedJob.project_id == project()), SavedJob.key
    else:
        key = SavedJobTag.key
        query = select(SavedJob).join(SavedJobTag, SavedJobTag.job_id == SavedJob.id)
        query = query.where(SavedJobTag.project_id == project(), SavedJobTag.tag == wanted.tag)
    if wanted.text is not None:
        query = query.where(key.contains(key_of(wanted.text), autoescape=True))
    if after is not None:
        query = query.where(key > literal(after))
    return query.order_by(key)


def _cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _place(cursor: str) -> str:
    try:
        key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        if "\x00" in key or _cursor(key) != cursor:
            raise ValueError
        return key
    except (ValueError, binascii.Error, UnicodeError):
        raise InvalidRequest(
            "cursor: not one that this list gave", [{"pointer": "/cursor", "line": None, "detail": "unknown cursor"}]
        ) from None

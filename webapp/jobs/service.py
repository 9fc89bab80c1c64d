"""Saved jobs: save, restore and delete. Every save that changes anything is a version more, and none is ever changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete as delete_rows
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from webapp import clock, signals
from webapp.errors import Conflict, Stale
from webapp.extensions import db
from webapp.jobs import queries, sealed
from webapp.jobs.models import SavedJob, SavedJobTag, SavedJobVersion
from webapp.jobs.schemas import OPTIONS, JobBody, key_of
from webapp.jobs.sealed import Plain


def create(body: JobBody, by: str, plain: Plain | None = None) -> SavedJob:
    """A new job. `plain` is its document where that is not what the body says, but has masks in it. Raises Conflict, InvalidRequest."""
    with naming(body.name):
        job = add(body, by, plain or sealed.written(body.text, body.params))
        db.session.commit()
    signals.tell("job.created", job.id, name=job.name)
    return job


def change(job_id: str, body: JobBody, by: str, based_on: int | None = None) -> SavedJob:
    """The next version; none when nothing changes. `based_on` is the one that was edited.

    Raises NotFound, Conflict, InvalidRequest, and Stale when another version came meanwhile.
    """
    job = queries.get(job_id)
    before = queries.version(job, based_on)
    plain = sealed.edited(body.text, body.params, before.content, before.params)
    with naming(body.name, job):
        changed = put(job, body, by, plain, based_on)
        db.session.commit()
    if changed:
        signals.tell("job.changed", job.id, name=job.name, version=job.version)
    return job


def restore(job_id: str, number: int, by: str, note: str = "", based_on: int | None = None) -> SavedJob:
    """A version equal to an old one but for the name, by which others know the job. Raises NotFound, Stale."""
    job = queries.get(job_id)
    old = queries.version(job, number)
    body = JobBody.model_validate(
        {**old.options, "name": job.name, "job": "", "description": old.description, "tags": old.tags, "note": note}
    )
    if put(job, body, by, sealed.opened(old.content, old.params), based_on, restored=number):
        db.session.commit()
        signals.tell("job.restored", job.id, name=job.name, version=job.version, restored=number)
    return job


def delete(job_id: str, based_on: int | None = None) -> None:
    """The tasks that it ran stay. Raises NotFound, Stale."""
    job = queries.get(job_id)
    name = job.name
    wanted = delete_rows(SavedJob).where(SavedJob.id == job.id)
    if based_on is not None:
        wanted = wanted.where(SavedJob.version == based_on)
    if not db.session.execute(wanted).rowcount:  # type: ignore[attr-defined]
        raise _stale(job)
    db.session.commit()
    signals.tell("job.deleted", job_id, name=name)


def add(body: JobBody, by: str, plain: Plain) -> SavedJob:
    """`create` as a part of something larger: nothing is committed."""
    job = SavedJob(
        name=body.name,
        key=key_of(body.name),
        description=body.description,
        tags=body.tags,
        version=1,
        changed_by=by,
    )
    db.session.add(job)
    db.session.flush()
    _add_version(job, body, by, plain, None)
    _tag(job)
    return job


def put(
    job: SavedJob, body: JobBody, by: str, plain: Plain, based_on: int | None = None, restored: int | None = None
) -> bool:
    """`change` as a part of something larger: nothing is committed. Whether there is anything to change. Raises Stale."""
    base = job.version if based_on is None else based_on
    if base != job.version:
        raise _stale(job)
    if same(queries.version(job, base), body, plain):
        return False
    # Whoever comes second finds another version there.
    won = db.session.execute(
        update(SavedJob).where(SavedJob.id == job.id, SavedJob.version == base).values(version=base + 1)
    )
    if not won.rowcount:  # type: ignore[attr-defined]
        raise _stale(job)
    db.session.refresh(job)
    job.name, job.key, job.description, job.tags = body.name, key_of(body.name), body.description, body.tags
    job.changed_at, job.changed_by = clock.now(), by
    db.session.flush()
    _add_version(job, body, by, plain, restored)
    _tag(job)
    return True


def same(version: SavedJobVersion, body: JobBody, plain: Plain) -> bool:
    """Whether a save would change nothing."""
    held = (version.name, version.description, version.tags, _whole(version.options))
    if held != (body.name, body.description, body.tags, body.options):
        return False
    return sealed.opened(version.content, version.params).is_same(plain)


@contextmanager
def naming(name: str, job: SavedJob | None = None) -> Iterator[None]:
    """What saves a job under a name. Raises Conflict when another job has it."""
    other = queries.named(name)
    if other is not None and other is not job:
        raise _taken(other.name)
    try:
        yield
    except IntegrityError:
        db.session.rollback()
        if queries.named(name) is None:
            raise
        raise _taken(name) from None


def _add_version(job: SavedJob, body: JobBody, by: str, plain: Plain, restored: int | None) -> None:
    row = SavedJobVersion(
        job_id=job.id,
        number=job.version,
        name=body.name,
        description=body.description,
        options=body.options,
        tags=body.tags,
        note=body.note,
        restored=restored,
        created_by=by,
        **plain.sealed(),
    )
    db.session.add(row)
    db.session.flush()


def _tag(job: SavedJob) -> None:
    db.session.execute(delete_rows(SavedJobTag).where(SavedJobTag.job_id == job.id))
    db.session.add_all(SavedJobTag(job_id=job.id, tag=tag, project_id=job.project_id, key=job.key) for tag in job.tags)
    db.session.flush()


def _whole(options: dict[str, Any]) -> dict[str, Any]:
    """Options as they were kept, with the defaults of those that came later."""
    return {
        name: options.get(name, field.get_default()) for name, field in JobBody.model_fields.items() if name in OPTIONS
    }


def _taken(name: str) -> Conflict:
    detail = _("There is a job named %(name)s already.", name=name)
    return Conflict(detail, [{"pointer": "/name", "line": None, "detail": detail}])


def _stale(job: SavedJob) -> Stale:
    db.session.rollback()
    now = queries.get(job.id)
    return Stale(
        _("%(name)s saved version %(version)s meanwhile.", name=now.changed_by or _("Somebody"), version=now.version)
    )

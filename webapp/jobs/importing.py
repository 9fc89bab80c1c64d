"""Files that become jobs: first what each would do, then all of it at once."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from datax_job import document as documents
from datax_job.problem import DocumentError
from webapp import signals
from webapp.errors import AppError, Conflict, Stale
from webapp.extensions import db
from webapp.jobs import checking, manifest, naming, queries, schemas, sealed, service
from webapp.jobs.archive import File
from webapp.jobs.manifest import Listed
from webapp.jobs.models import NOTE_LENGTH, SavedJob, SavedJobVersion
from webapp.jobs.schemas import JobBody, key_of
from webapp.jobs.sealed import Plain
from webapp.requests import check
from webapp.tasks import submission

# So many names are written down of an import; the versions themselves say the rest.
NAMED = 20


class Action(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Item:
    """What a file does. `version` is the one that it comes after; `masked` says that secrets must be written out before a run."""

    path: str
    action: Action
    name: str = ""
    tags: list[str] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    masked: bool = False
    job: SavedJob | None = None
    version: int | None = None
    body: JobBody | None = None
    plain: Plain | None = None


def plan(files: Sequence[File], tags: Sequence[str] = ()) -> list[Item]:
    """What each file would do, by its path. One that is refused stops no other. Raises InvalidRequest for a broken list of jobs."""
    listed, given = _listed(files)
    known = _known([_name(file, listed) for file in given])
    taken: dict[str, str] = {}
    items = []
    for file in sorted(given, key=lambda file: file.path):
        key = key_of(_name(file, listed))
        items.append(
            _twice(file, taken[key]) if key in taken else _item(file, listed.get(file.path), known.get(key), tags)
        )
        taken.setdefault(key, file.path)
    here = {file.path for file in given}
    missing = _("the list of jobs names this file, but it is not there")
    return items + [_refused(path, missing, listed[path].name) for path in sorted(listed.keys() - here)]


def counts(items: Iterable[Item]) -> dict[str, int]:
    """How many files do what."""
    actions = [item.action for item in items]
    return {action.value: actions.count(action) for action in Action}


def digest(items: Iterable[Item]) -> str:
    """By which it is seen whether what would happen is still what was shown."""
    told = [(item.path, item.action, item.job.id if item.job else None, item.version) for item in items]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def apply(items: Sequence[Item], by: str) -> None:
    """All of it, or nothing. Raises Conflict and Stale when somebody saves the same jobs at this moment."""
    try:
        for item in items:
            _apply(item, by)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise Conflict(
            _("Somebody saved a job of the same name at this moment. Nothing was imported; try again.")
        ) from None
    done = [item.name for item in items if item.action in {Action.NEW, Action.CHANGED}]
    numbers = counts(items)
    signals.tell(
        "job.imported", actor=by, names=", ".join(done[:NAMED]), new=numbers["new"], changed=numbers["changed"]
    )


def confirm(items: Sequence[Item], shown: str, by: str) -> None:
    """`apply`, if it does what was shown. Raises Stale, Conflict."""
    if digest(items) != shown:
        raise Stale(_("Jobs were changed since this was looked at. Nothing was imported; look at it again."))
    apply(items, by)


def _apply(item: Item, by: str) -> None:
    if item.body is None or item.plain is None:
        return
    body = item.body.model_copy(update={"note": item.path[:NOTE_LENGTH]})
    if item.action is Action.NEW:
        service.add(body, by, item.plain)
    elif item.action is Action.CHANGED and item.job is not None:
        service.put(item.job, body, by, item.plain, item.version)


def _item(
    file: File, listed: Listed | None, known: tuple[SavedJob, SavedJobVersion] | None, tags: Sequence[str]
) -> Item:
    """Raises nothing that is wrong with the file alone."""
    name = listed.name if listed else naming.job_of(file.path)
    if file.refused is not None:
        return _refused(file.path, file.refused.translated(_), name)
    try:
        text = _text(file.content)
        body = check(JobBody, _fields(file.path, text, listed, known, tags))
        plain = _plain(body, known)
    except AppError as error:
        return Item(file.path, Action.REFUSED, name, problems=error.errors or [_problem(error.detail)])
    action = Action.NEW
    if known is not None:
        action = Action.SAME if service.same(known[1], body, plain) else Action.CHANGED
    job, version = (known[0], known[1].number) if known else (None, None)
    return Item(file.path, action, body.name, body.tags, [], _masked(plain), job, version, body, plain)


def _plain(body: JobBody, known: tuple[SavedJob, SavedJobVersion] | None) -> Plain:
    """Masks in a file stand for the secrets of the job that it is a version of."""
    if known is None:
        return sealed.written(body.text, body.params)
    return sealed.edited(body.text, body.params, known[1].content, known[1].params)


def _fields(
    path: str, text: str, listed: Listed | None, known: tuple[SavedJob, SavedJobVersion] | None, tags: Sequence[str]
) -> dict[str, Any]:
    """What a list of jobs says is all that there is to say; a file alone changes the document, and adds its folders as tags."""
    if listed is not None:
        said = listed.body(text)
        return {**said, "tags": [*said.get("tags", []), *tags]}
    own = [*naming.tags_of(path), *tags]
    if known is None:
        return {"name": naming.job_of(path), "job": text, "tags": own}
    job, version = known
    held = {**schemas.held(version), "description": version.description}
    return {**held, "name": job.name, "job": text, "tags": [*version.tags, *own]}


def _text(content: bytes) -> str:
    """Raises InvalidRequest, with line and column, for what is no document at all."""
    try:
        return documents.parse(content).text
    except DocumentError as error:
        raise submission.refused(error.problems) from None


def _masked(plain: Plain) -> bool:
    document = checking.read(plain.text)
    return document is not None and bool(checking.masked(document))


def _listed(files: Sequence[File]) -> tuple[dict[str, Listed], list[File]]:
    """What lists of jobs say of the files beside them, by path, and the files that are no such lists."""
    listed: dict[str, Listed] = {}
    others = []
    for file in files:
        found = None if file.refused else manifest.read(file.path, file.content)
        if found is None:
            others.append(file)
            continue
        folder = file.path.rpartition("/")[0]
        listed |= {f"{folder}/{each.file}".lstrip("/"): each for each in found.jobs}
    return listed, others


def _known(names: Sequence[str]) -> dict[str, tuple[SavedJob, SavedJobVersion]]:
    found = queries.named_so(names)
    newest = queries.newest(found)
    return {job.key: (job, newest[job.id]) for job in found}


def _name(file: File, listed: Mapping[str, Listed]) -> str:
    said = listed.get(file.path)
    return said.name if said else naming.job_of(file.path)


def _twice(file: File, other: str) -> Item:
    said = _("another file has the same name: %(path)s", path=other)
    return _refused(file.path, said, naming.job_of(file.path))


def _refused(path: str, reason: str, name: str) -> Item:
    return Item(path, Action.REFUSED, name, problems=[_problem(reason)])


def _problem(detail: str) -> dict[str, Any]:
    return {"pointer": "", "line": None, "column": None, "detail": detail}

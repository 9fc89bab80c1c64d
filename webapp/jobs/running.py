"""Running a saved job: a task as if its author had submitted it, with the values and options of this one run."""

from typing import Any

from flask import current_app
from flask_babel import gettext as _

from datax_job import parameters, pointers
from datax_job.redaction import MASK, is_secret_name
from webapp import signals
from webapp.errors import InvalidRequest
from webapp.jobs import checking, queries, sealed
from webapp.jobs.models import SavedJob, SavedJobVersion
from webapp.jobs.schemas import OPTIONS, RunBody
from webapp.jobs.sealed import Plain
from webapp.sealing import editing
from webapp.states import State
from webapp.tasks import service, submission
from webapp.tasks.models import Task
from webapp.tasks.publishing import publish
from webapp.tasks.submission import Submission


def run(job_id: str, body: RunBody, account_id: int | None, key: str | None = None) -> Task:
    """The new task; with `key`, a repeat of the same request returns the first one, whatever has become of the job since.

    Raises NotFound, and InvalidRequest with what keeps the job from running: a value that is missing is named by its parameter.
    """
    job = queries.get(job_id)
    asked = submission.fingerprint(f"{job.id}\n{body.model_dump_json(exclude_unset=True)}".encode())
    first = service.earlier(account_id, key, asked)
    if first is not None:
        return first
    version = queries.version(job, body.version)
    wanted = _submission(job, version, body)
    needs = submission.accept(wanted, current_app.extensions["offers"], current_app.extensions["policy"])
    saved = service.SavedJob(job.id, version.number, asked)
    task = service.submit(wanted, account_id, key=key, needs=needs, saved=saved)
    if task.published_at is None and task.state == State.PENDING:
        publish(task)
    signals.tell("job.run", job.id, name=job.name, version=version.number, task=task.id)
    return task


def _submission(job: SavedJob, version: SavedJobVersion, body: RunBody) -> Submission:
    kept = sealed.opened(version.content, version.params)
    params = _values(kept, body.params)
    given = {name: getattr(body, name) for name in OPTIONS if name in body.model_fields_set}
    _refuse_what_is_missing(kept.text, params)
    return submission.read(
        {**version.options, **given, "job": kept.text, "name": body.name or job.name, "params": params}
    )


def _values(kept: Plain, given: dict[str, Any]) -> dict[str, Any]:
    """Those of the run before those of the job. One that was secret for the place that it had, and has no more, stays here."""
    unknown = [name for name, value in given.items() if value == MASK and name not in kept.secret]
    if unknown:
        raise submission.refused([editing.unknown(name) for name in unknown])
    document = checking.read(kept.text)
    used = set() if document is None else parameters.used(document.value)
    values = {**kept.params, **kept.params_of(given)}
    homeless = {name for name in kept.secret - used if not is_secret_name(name)}
    return {name: value for name, value in values.items() if name not in homeless}


def _refuse_what_is_missing(text: str, params: dict[str, Any]) -> None:
    document = checking.read(text)
    if document is None:
        return  # the check says why
    masks = checking.masked(document)
    if masks:
        raise submission.refused([document.problem(place, checking.MASKED) for place in masks])
    names = [name for name in parameters.required(document.value) if name not in params]
    if names:
        raise InvalidRequest(*missing(names))


def missing(names: list[str]) -> tuple[str, list[dict[str, Any]]]:
    """What is said of parameters without a value, and of each of them at its place."""
    detail = _("A value is missing for: %(names)s.", names=", ".join(names[:20]))
    said = _("give a value")
    return detail, [{"pointer": f"/params/{pointers.escape(name)}", "line": None, "detail": said} for name in names]

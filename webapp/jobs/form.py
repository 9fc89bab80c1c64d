"""The form of a saved job: what was typed, kept as it was typed, and the job that it asks for."""

import re
from dataclasses import dataclass, replace

from werkzeug.datastructures import FileStorage, MultiDict

from webapp.errors import InvalidRequest
from webapp.jobs import schemas, sealed, wording
from webapp.jobs.models import SavedJob, SavedJobVersion
from webapp.jobs.schemas import OPTIONS, JobBody
from webapp.jobs.sealed import Plain
from webapp.requests import check
from webapp.tasks import again, form, queries
from webapp.tasks.form import Typed
from webapp.tasks.submission import parameters_text

_SEPARATORS = re.compile(r"[\s,，、]+")
# What a form says of the document and its run, as that of a new task does.
_SHARED = ("name", *OPTIONS)


@dataclass(frozen=True, slots=True)
class TypedJob:
    """`based_on` is the version that was edited; a new job's secrets may be those of a task, which the shared fields name."""

    typed: Typed = Typed()
    description: str = ""
    tags: str = ""
    note: str = ""
    based_on: int | None = None

    def body(self, empty: frozenset[str] = frozenset()) -> JobBody:
        """A row without a value gives none: the form makes one for each place in the document. `empty` are those whose value is the
        empty text. Raises InvalidRequest."""
        rows = tuple((name, value) for name, value in self.typed.rows if value or name in empty)
        values = replace(self.typed, rows=rows).values()
        given = {name: values[name] for name in (*_SHARED, "job", "params") if name in values}
        return check(JobBody, {**given, "description": self.description, "tags": words(self.tags), "note": self.note})

    def plain(self, body: JobBody) -> Plain:
        """The document of a new job, with the secrets of the task that it comes from. Raises InvalidRequest, NotFound, TooLarge."""
        task_id = self.typed.fields.get("secrets_of")
        if not task_id:
            return sealed.written(body.text, body.params)
        before = queries.document(queries.get(task_id).id)
        return sealed.edited(body.text, body.params, before.content, before.params)

    def with_lines_of(self, version: SavedJobVersion) -> "TypedJob":
        """A browser sends its own line ends; the document keeps those that it had."""
        before = schemas.held(version)["job"]
        if "\r\n" not in before:
            return self
        return replace(self, typed=replace(self.typed, job=self.typed.job.replace("\n", "\r\n")))


def words(text: str) -> list[str]:
    """Tags as they are typed: between blanks or commas."""
    return [word for word in _SEPARATORS.split(text) if word]


def read(fields: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> TypedJob:
    """What a browser sent."""
    return TypedJob(
        form.read(fields, files),
        description=fields.get("description", "").replace("\r\n", "\n"),
        tags=fields.get("tags", ""),
        note=fields.get("note", ""),
        based_on=fields.get("based_on", type=int),
    )


def of_task(task_id: str) -> TypedJob:
    """The form filled with what a task was asked to run. Raises NotFound."""
    return TypedJob(again.typed(task_id))


def of_job(job: SavedJob, version: SavedJobVersion) -> TypedJob:
    """The form filled with a job, masks in place of its secrets."""
    held = schemas.held(version)
    fields = {name: str(value) for name, value in wording.chosen(version).items()}
    rows = tuple((name, parameters_text(value)) for name, value in held["params"].items())
    typed = Typed(held["job"], {**fields, "name": job.name}, rows=rows)
    return TypedJob(typed, job.description, " ".join(job.tags), based_on=version.number)


def empty_in(version: SavedJobVersion) -> frozenset[str]:
    """The parameters whose value is the empty text."""
    return frozenset(name for name, value in version.params.items() if value == "")


def with_types_of(body: JobBody, version: SavedJobVersion) -> JobBody:
    """A form sends every value as text; what reads as the one before is the one before, a number included."""
    before = schemas.held(version)["params"]
    params = {
        name: before[name] if name in before and value == parameters_text(before[name]) else value
        for name, value in body.params.items()
    }
    return body.model_copy(update={"params": params})


def based_on(typed: TypedJob) -> int:
    if typed.based_on is None:
        raise InvalidRequest("based_on: the form does not say which version was edited")
    return typed.based_on

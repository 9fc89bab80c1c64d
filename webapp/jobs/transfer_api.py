"""The JSON API by which jobs come from files and go to them."""

from typing import Any

from flask import Response, request
from flask_openapi import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from webapp.accounts.guard import caller, viewers
from webapp.errors import BadRequest, InvalidRequest, UnsupportedMediaType
from webapp.jobs import archive, exporting, importing, naming, queries
from webapp.jobs.api import JobFilter, JobPath, keepers
from webapp.jobs.importing import Action, Item
from webapp.jobs.schemas import Tags
from webapp.jobs.transfer_pages import as_archive, as_file, sent
from webapp.refusals import refusals
from webapp.requests import check, declared
from webapp.tasks.schemas import FieldError

blueprint = APIBlueprint(
    "job_files",
    __name__,
    url_prefix="/api",
    abp_security=[{"token": []}],
    abp_responses=refusals(401, 403, 429),
)


class ImportFields(BaseModel):
    model_config = ConfigDict(extra="forbid")

    dry_run: StrictBool = False
    tag: Tags = Field(default_factory=list)


class Imported(BaseModel):
    """What a file did, or would do."""

    path: str
    name: str
    action: Action
    id: str | None = Field(description="The job; null for one that is new, or refused.")
    problems: list[FieldError] = Field(description="Why it was refused, with line and column.")
    masked: bool = Field(
        description="Whether `******` stands in it for secrets: they must be written out before it runs."
    )


class ImportAnswer(BaseModel):
    items: list[Imported]
    dry_run: bool
    new: int
    changed: int
    same: int
    refused: int


_file = {
    "type": "array",
    "items": {"type": "string", "format": "binary"},
    "description": "JSON files, or ZIP archives.",
}
_form = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": _file,
        "dry_run": {"type": "boolean", "description": "Only say what would happen."},
        "tag": {"type": "array", "items": {"type": "string"}, "description": "Tags for all of them."},
    },
}
_body: dict[str, Any] = {"required": True, "content": {"multipart/form-data": {"schema": _form}}}
_binary = {"schema": {"type": "string", "format": "binary"}}
_archive: dict[Any, Any] = {"description": "The archive", "content": {"application/zip": _binary}}
_document: dict[Any, Any] = {"description": "The document", "content": {"text/plain": {"schema": {"type": "string"}}}}


@blueprint.post(
    "/jobs/import",
    summary="Import jobs",
    request_body=_body,
    responses={"200": ImportAnswer, **refusals(400, 409, 412, 413, 415, 422)},
)
@keepers
@declared
def import_jobs() -> dict[str, Any]:
    """JSON files and ZIP archives of them, as many `file` parts as there are. A file's name is the job's, the folders in it are tags.
    A job of that name gets a new version unless nothing changes. A file that is refused stops no other."""
    fields = _fields()
    files = archive.read(sent(request.files.getlist("file")))
    if not files:
        raise InvalidRequest(
            "There is no JSON file among what was sent; send .json files or a ZIP archive of them as 'file'."
        )
    items = importing.plan(files, fields.tag)
    if not fields.dry_run:
        importing.apply(items, caller().username)
    shown = [_view(item) for item in items]
    return {"items": shown, "dry_run": fields.dry_run, **importing.counts(items)}


@blueprint.get("/jobs/export", summary="Export jobs", responses={"200": _archive, **refusals(400, 422)})
@viewers
@declared
def export_jobs(query: JobFilter) -> Response:
    """A ZIP archive with one JSON file a job and `jobs.json`, which says what documents do not. Secrets are masked. Importing it says
    that all is the same."""
    return as_archive(queries.every(query.filter(), exporting.JOBS_AT_ONCE))


@blueprint.get("/jobs/<job_id>/export", summary="Export one job", responses={"200": _document, **refusals(404, 422)})
@viewers
@declared
def export_job(path: JobPath) -> Response:
    """The document as DataX runs it; secrets are masked."""
    found = queries.get(path.job_id)
    return as_file(exporting.document(queries.version(found)), naming.file_of(found.name, set()))


def _fields() -> ImportFields:
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("Send the files as multipart/form-data, each as 'file'.")
    # A part may come without a name.
    unknown = (set(request.form) - set(ImportFields.model_fields)) | (set(request.files) - {"file"})
    if unknown:
        raise BadRequest(f"the field {unknown.pop()!r} is not known; accepted: file, dry_run, tag")
    given: dict[str, Any] = {"tag": request.form.getlist("tag")}
    if "dry_run" in request.form:
        said = request.form["dry_run"]
        given["dry_run"] = {"true": True, "false": False}.get(said, said)
    return check(ImportFields, given)


def _view(item: Item) -> dict[str, Any]:
    copied = {name: getattr(item, name) for name in ("path", "name", "action", "problems", "masked")}
    return Imported(**copied, id=item.job.id if item.job else None).model_dump(mode="json")

"""The JSON API of saved jobs; files that come and go are in `transfer_api`."""

from typing import Annotated, Any

from flask import Response, json, url_for
from flask_babel import gettext as _
from flask_openapi import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from webapp.accounts.guard import account_id, caller, needs, operators, viewers
from webapp.accounts.roles import Role, Scope
from webapp.errors import Stale, Unguarded
from webapp.jobs import checking, queries, running, schemas, service
from webapp.jobs.models import ID_LENGTH, SavedJob
from webapp.jobs.queries import Filter
from webapp.refusals import refusals
from webapp.requests import declared
from webapp.tasks import api as tasks
from webapp.tasks.submission import Line

# An operator saves jobs, with a token that may change things.
keepers = needs(Role.OPERATOR, Scope.MANAGE)

blueprint = APIBlueprint(
    "jobs_api",
    __name__,
    url_prefix="/api",
    abp_security=[{"token": []}],
    abp_responses=refusals(401, 403, 429),
)


class JobPath(BaseModel):
    job_id: str = Field(min_length=1, max_length=ID_LENGTH, description="The job's id.")


class VersionPath(JobPath):
    number: int = Field(ge=1, lt=2**31, description="The version's number.")


class JobFilter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Line | None = Field(default=None, min_length=1, max_length=200, description="Part of the name in any case.")
    tag: Line | None = Field(default=None, min_length=1, max_length=40, description="A tag that it has.")

    def filter(self) -> Filter:
        return Filter(self.text, self.tag.lower() if self.tag else None)


class JobQuery(JobFilter):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=4000, description="`next_cursor` of the page before.")


class VersionQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=200)
    cursor: Annotated[str, Field(pattern=r"^[0-9]{1,9}$")] | None = Field(
        default=None, description="`next_cursor` of the page before."
    )


class MatchHeader(BaseModel):
    if_match: str | None = Field(
        default=None,
        alias="If-Match",
        max_length=100,
        description="The `ETag` that the job was read with; `*` for whichever version there is.",
    )


_tag = {"ETag": {"schema": {"type": "string"}, "description": "The version, for `If-Match`."}}
_place = {"Location": {"schema": {"type": "string"}, "description": "The job."}}
_job = {"application/json": {"schema": {"$ref": "#/components/schemas/JobView"}}}
_seen: dict[Any, Any] = {"description": "The job", "headers": _tag, "content": _job}
_made: dict[Any, Any] = {"description": "Saved", "headers": {**_tag, **_place}, "content": _job}


@blueprint.get("/jobs", summary="List saved jobs", responses={"200": schemas.JobPage, **refusals(400, 422)})
@viewers
@declared
def jobs(query: JobQuery) -> dict[str, Any]:
    """By name."""
    found = queries.page(query.filter(), query.limit, query.cursor)
    return {"items": [schemas.brief(each) for each in found.jobs], "next_cursor": found.next_cursor}


@blueprint.post("/jobs", summary="Save a job", responses={"201": _made, **refusals(400, 409, 413, 415, 422)})
@keepers
@declared
def create(body: schemas.JobBody) -> Response:
    """What would be submitted, with a name. A document with errors is kept too, and answered with its problems: it cannot be run yet."""
    made = service.create(body, caller().username)
    answer = _answer(made, 201)
    answer.headers["Location"] = url_for("jobs_api.job", job_id=made.id)
    return answer


@blueprint.get("/jobs/<job_id>", summary="One saved job", responses={"200": _seen, **refusals(404, 422)})
@viewers
@declared
def job(path: JobPath) -> Response:
    """As its newest version is, secrets masked; what is wrong with it, and the names that a run must have values for."""
    return _answer(queries.get(path.job_id))


@blueprint.patch(
    "/jobs/<job_id>",
    summary="Change a saved job",
    responses={"200": _seen, **refusals(400, 404, 409, 412, 413, 415, 422, 428)},
)
@keepers
@declared
def change(path: JobPath, header: MatchHeader, body: schemas.JobChange) -> Response:
    """Saves a version more, unless nothing changes. What is left out stays, and so do the secrets where `******` stands for them.

    `If-Match` says which version was read: 412 when there is another one by now.
    """
    found = queries.get(path.job_id)
    based_on = _version(header, found)
    whole = body.applied_to(queries.version(found, based_on))
    return _answer(service.change(found.id, whole, caller().username, based_on))


@blueprint.delete(
    "/jobs/<job_id>",
    summary="Delete a saved job",
    responses={"204": {"description": "Gone"}, **refusals(404, 412, 422, 428)},
)
@keepers
@declared
def delete(path: JobPath, header: MatchHeader) -> Response:
    """With all its versions. The tasks that it ran stay."""
    service.delete(path.job_id, _version(header, queries.get(path.job_id)))
    return Response(status=204)


@blueprint.get(
    "/jobs/<job_id>/versions",
    summary="The versions of a job",
    responses={"200": schemas.VersionPage, **refusals(400, 404, 422)},
)
@viewers
@declared
def versions(path: JobPath, query: VersionQuery) -> dict[str, Any]:
    """The newest first: who saved each, when, and what they say has changed."""
    before = None if query.cursor is None else int(query.cursor)
    found = queries.versions(queries.get(path.job_id), query.limit + 1, before)
    items = [schemas.version_brief(each) for each in found[: query.limit]]
    return {"items": items, "next_cursor": str(items[-1]["number"]) if len(found) > query.limit else None}


@blueprint.get(
    "/jobs/<job_id>/versions/<number>",
    summary="One version of a job",
    responses={"200": schemas.VersionView, **refusals(404, 422)},
)
@viewers
@declared
def version(path: VersionPath) -> dict[str, Any]:
    return schemas.version_view(queries.version(queries.get(path.job_id), path.number))


@blueprint.post(
    "/jobs/<job_id>/restore",
    summary="Restore a version",
    responses={"200": _seen, **refusals(400, 404, 412, 415, 422)},
)
@keepers
@declared
def restore(path: JobPath, header: MatchHeader, body: schemas.RestoreBody) -> Response:
    """A new version equal to an old one, but for the job's name."""
    based_on = _version(header, queries.get(path.job_id)) if header.if_match else None
    return _answer(service.restore(path.job_id, body.version, caller().username, body.note, based_on))


_accepted = {
    "description": "Accepted",
    "headers": {"Location": {"schema": {"type": "string"}, "description": "The task."}},
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TaskView"}}},
}


@blueprint.post(
    "/jobs/<job_id>/run", summary="Run a saved job", responses={"202": _accepted, **refusals(400, 404, 413, 415, 422)}
)
@operators
@declared
def run(path: JobPath, header: tasks.SubmitHeader, body: schemas.RunBody) -> Response:
    """A new task. The body may be `{}`; values and options in it are for this run alone. A value that is missing is named by its
    pointer, such as `/params/day`. With an `Idempotency-Key` a repeat returns the first task, whatever has become of the job since."""
    return tasks.accepted(running.run(path.job_id, body, account_id(), header.idempotency_key))


def view(found: SavedJob) -> dict[str, Any]:
    newest = queries.version(found)
    looked = checking.look(newest)
    held = {**schemas.brief(found), **schemas.held(newest)}
    return {**held, "places": looked.places, "valid": looked.runnable, "problems": looked.findings()}


def _answer(found: SavedJob, status: int = 200) -> Response:
    return Response(json.dumps(view(found)), status, {"ETag": f'"{found.version}"'}, mimetype="application/json")


def _version(header: MatchHeader, found: SavedJob) -> int | None:
    """The version that is to be changed. Raises Unguarded where none is named, Stale for what is no version's tag."""
    given = (header.if_match or "").strip()
    if not given:
        raise Unguarded(_("Send the ETag that the job was read with as If-Match, or * for whichever version there is."))
    if given == "*":
        return None
    if given != f'"{found.version}"':
        raise Stale(_("The newest version is %(version)s.", version=found.version))
    return found.version

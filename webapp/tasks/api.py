"""The JSON API of tasks."""

from typing import Annotated, Any

from flask import Response, current_app, json, request, url_for
from flask_openapi import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from webapp.accounts.guard import account_id, caller, operators, viewers
from webapp.errors import BadRequest, NotFound
from webapp.extensions import db
from webapp.refusals import refusals
from webapp.requests import declared, json_object, parse_object
from webapp.states import FINAL, State
from webapp.tasks import again, course, history, listing, queries, schemas, service, submission, validation, waits
from webapp.tasks.filters import ListQuery
from webapp.tasks.models import Task
from webapp.tasks.publishing import publish
from webapp.tasks.remembered import RememberedAnswers
from webapp.tasks.submission import Submission

LONGEST_WAIT = 60.0

blueprint = APIBlueprint(
    "api",
    __name__,
    url_prefix="/api",
    abp_security=[{"token": []}],
    abp_responses=refusals(401, 403, 429),
)


class TaskPath(BaseModel):
    task_id: str = Field(min_length=1, description="The task's id.")


Wait = Annotated[float, Field(ge=0, le=LONGEST_WAIT, description="Seconds to hold the answer for something new.")]


class ResultQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    wait: Wait = 0


class ProgressQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    attempt: int | None = Field(default=None, ge=1, le=2**31 - 1, description="Which attempt; the latest by default.")


class SubmitHeader(BaseModel):
    idempotency_key: str | None = Field(default=None, alias="Idempotency-Key", min_length=1, max_length=200)


class CheckBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    job: submission.Job = Field(description="The DataX document, as an object or as text.")
    params: dict[str, submission.ParameterValue] | None = Field(
        default=None, description="Leave it out to allow any `${name}`."
    )
    engine: submission.Line = Field(
        default="auto", max_length=16, description="The engine to be asked for: Addax has a dialect of its own."
    )


_form = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "The job document."},
        "params": {"type": "string", "description": "A JSON object."},
        **{
            name: {"type": kind}
            for name, kind in (
                ("type", "string"),
                ("name", "string"),
                ("engine", "string"),
                ("timeout", "integer"),
                ("stall_timeout", "integer"),
                ("retries", "integer"),
                ("exclusive", "string"),
                ("expires", "string"),
                ("queue", "string"),
                ("priority", "integer"),
                ("deep", "boolean"),
                ("secrets_of", "string"),
            )
        },
    },
}
_submit_body: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/Submission"}},
        "multipart/form-data": {"schema": _form},
    },
}
_accepted = {
    "description": "Accepted",
    "headers": {"Location": {"schema": {"type": "string"}, "description": "The task."}},
}
_accepted["content"] = {"application/json": {"schema": {"$ref": "#/components/schemas/TaskView"}}}


@blueprint.post(
    "/tasks",
    summary="Submit a job",
    request_body=_submit_body,
    responses={"202": _accepted, **refusals(400, 404, 413, 415, 422)},
)
@operators
@declared
def submit(header: SubmitHeader) -> Response:
    """Accepts an execute or a validate task; the answer comes at once, the result is polled by id."""
    wanted = again.completed(_read_submission())
    needs = submission.accept(wanted, current_app.extensions["offers"], current_app.extensions["policy"])
    task = service.submit(wanted, account_id(), key=header.idempotency_key, needs=needs)
    if task.published_at is None and task.state == State.PENDING:
        publish(task)
    return accepted(task)


@blueprint.get("/tasks", summary="List tasks", responses={"200": schemas.TaskPage, **refusals(400, 422)})
@viewers
@declared
def tasks(query: ListQuery) -> Response:
    """Newest first. A filter with `text` or with several fields looks through so many tasks a page: then a page may be short, or empty,
    and the next one looks on from where it stopped, until `next_cursor` is null."""
    listed = listing.page(query.filter(), query.limit, query.cursor)
    found = listed.tasks
    briefs = queries.briefs([task.id for task in found if task.state in FINAL])
    kept = {task.id: waits.brief(task.waiting_for) for task in found if task.waiting_for}
    return Response(schemas.page(found, briefs, kept, listed.next_cursor), mimetype="application/json")


@blueprint.get("/tasks/<task_id>", summary="One task", responses={"200": schemas.TaskView, **refusals(404, 422)})
@viewers
@declared
def task(path: TaskPath) -> dict[str, Any]:
    return view(path.task_id)


_bare = {"oneOf": [{"$ref": "#/components/schemas/ExecuteResult"}, {"type": "boolean"}]}
_result_answers: dict[Any, Any] = {
    "200": {"description": "The bare result", "content": {"application/json": {"schema": _bare}}},
    "202": schemas.NotReady,
    **refusals(400, 404, 422),
}


@blueprint.get("/tasks/<task_id>/result", summary="The bare result", responses=_result_answers)
@viewers
@declared
def result(path: TaskPath, query: ResultQuery) -> Response:
    """202 with the state while the task is not ready; `wait` holds the answer until it is, or the seconds have passed."""
    found = _delivered(path.task_id)
    if not found.ready and query.wait:
        db.session.remove()  # a waiter holds no connection
        current_app.extensions["waiting_room"].wait(path.task_id, query.wait)
        found = _delivered(path.task_id)
    if not found.ready:
        return current_app.json.response({"state": found.state}), 202  # type: ignore[return-value]
    remembered: RememberedAnswers = current_app.extensions["remembered_answers"]
    return remembered.keep(Response(found.value, mimetype="application/json"))


@blueprint.get(
    "/tasks/<task_id>/attempts",
    summary="The attempts that are over",
    responses={"200": history.AttemptList, **refusals(404, 422)},
)
@viewers
@declared
def attempts(path: TaskPath) -> list[dict[str, Any]]:
    """Each with its result, what it took, and the proof of how it was stopped; its log is read with `attempt`."""
    return history.of(path.task_id)


@blueprint.get(
    "/tasks/<task_id>/progress",
    summary="How a run went over time",
    responses={"200": course.Course, **refusals(404, 422)},
)
@viewers
@declared
def progress(path: TaskPath, query: ProgressQuery) -> dict[str, Any]:
    """At most 300 points, closer together in a short run; a running task adds some every few seconds."""
    return course.of(path.task_id, query.attempt)


@blueprint.post(
    "/tasks/<task_id>/cancel", summary="Cancel", responses={"202": schemas.TaskView, **refusals(404, 409, 422)}
)
@operators
@declared
def cancel(path: TaskPath) -> tuple[dict[str, Any], int]:
    """A waiting task ends at once, a running one when its process has been stopped."""
    service.cancel(path.task_id, by=caller().username)
    return view(path.task_id), 202


@blueprint.post("/tasks/<task_id>/rerun", summary="Run again", responses={"202": _accepted, **refusals(404, 422)})
@operators
@declared
def rerun(path: TaskPath) -> Response:
    """A new task of the same document and options."""
    again = service.rerun(path.task_id, account_id())
    publish(again)
    return accepted(again)


@blueprint.post(
    "/check", summary="Check a document", responses={"200": schemas.CheckAnswer, **refusals(400, 413, 415, 422)}
)
@viewers
@declared
def check(body: CheckBody) -> dict[str, Any]:
    """The static check for editors; makes no task. Any document within the size limits gets an answer."""
    content = submission.content_of(body.job)
    submission.limit_size(content)
    document, problems = validation.looked_at(content, body.params, body.engine)
    valid = not validation.faulty(problems)
    choice = validation.choice(document, body.params) if valid and document else None
    return {
        "valid": valid,
        "problems": [schemas.finding(problem) for problem in problems],
        "engine": schemas.engine_choice(choice) if choice else None,
    }


@blueprint.get("/engines", summary="The engines", responses={"200": schemas.EngineList})
@viewers
@declared
def engines() -> list[dict[str, Any]]:
    """Which engines this server and its workers have, whether each is available and why not, and its plugins."""
    return [schemas.engine(engine.status()) for engine in current_app.extensions["offers"].values()]


def view(task_id: str) -> dict[str, Any]:
    """The whole task with its result, as GET of one task answers it."""
    found = queries.get(task_id)
    delivered = queries.delivered(task_id) if found.state in FINAL else None
    return schemas.view(found, delivered.parsed() if delivered else None, waits.view(found))


def accepted(task: Task) -> Response:
    """A new task, and where it is found."""
    location = url_for("api.task", task_id=task.id)
    return Response(json.dumps(view(task.id)), 202, {"Location": location}, mimetype="application/json")


def _delivered(task_id: str) -> queries.Delivered:
    found = queries.delivered(task_id)
    if found is None:
        raise NotFound(f"There is no task {task_id!r}.")
    return found


def _read_submission() -> Submission:
    if request.mimetype == "multipart/form-data":
        return submission.read(_form_values())
    return submission.read(json_object())


def _form_values() -> dict[str, Any]:
    """A multipart form as the JSON body would have it: numbers, flags and `params` are written out as text there."""
    values: dict[str, Any] = {}
    for name, given in request.form.lists():
        if len(given) > 1 or name == "job":
            raise BadRequest(f"the field {name!r} may stand once, and the document comes as 'file'")
        values[name] = given[0]
    if "params" in values:
        values["params"] = parse_object(values["params"].encode("utf-8", "surrogatepass"), "params")
    if "deep" in values:
        values["deep"] = {"true": True, "false": False}.get(values["deep"], values["deep"])
    return values | _uploaded()


def _uploaded() -> dict[str, Any]:
    extra = set(request.files) - {"file"}
    files = request.files.getlist("file")
    if extra or len(files) != 1:
        raise BadRequest("send the document as one file in the field 'file'")
    return {"job": submission.text_of(files[0].read())}

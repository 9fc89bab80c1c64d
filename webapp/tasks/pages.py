"""The pages of tasks: the form, and one task; their list is in `list_pages`."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from webapp.accounts.guard import account_id, caller, operators, viewers
from webapp.errors import AppError
from webapp.retold import retold
from webapp.tasks import (
    again,
    bulk_pages,
    causes,
    course,
    editing,
    examples,
    form,
    list_pages,
    logs,
    queries,
    service,
    showing,
    wording,
)
from webapp.tasks.form import Typed
from webapp.tasks.publishing import publish

blueprint = Blueprint("tasks", __name__)
list_pages.add_to(blueprint)
bulk_pages.add_to(blueprint)

for _filter in (
    wording.seconds,
    wording.roughly,
    wording.size,
    wording.number,
    wording.moment,
    wording.pretty,
    wording.code_marks,
    wording.status,
    causes.told,
    retold,
):
    blueprint.add_app_template_filter(_filter)


@blueprint.get("/tasks/new")
@operators
def new() -> str:
    if edited := request.args.get("edit"):
        return _form(again.typed(edited))
    if "reader" in request.args or "writer" in request.args:
        return _form(examples.between(request.args.get("reader"), request.args.get("writer")))
    return _form(examples.typed(request.args.get("example"), current_app.config["SETTINGS"]))


@blueprint.post("/tasks/new")
@operators
def create() -> ResponseReturnValue:
    typed = form.read(request.form, request.files)
    sent = form.send(typed, account_id(), again.completed)
    if isinstance(sent, AppError):
        return _form(typed, sent), sent.status
    return redirect(url_for("tasks.show", task_id=sent.id))


@blueprint.get("/tasks/<task_id>")
@viewers
def show(task_id: str) -> str:
    """With the log of the latest attempt, unless `attempt` says which."""
    task = queries.get(task_id)
    return render_template(
        "tasks/show.html",
        **showing.heading(task),
        attempts=queries.attempts(task_id),
        course=course.worth_showing(task),
        log=showing.log_tail(task, request.args.get("attempt", type=int)),
        document=showing.document(task),
        params=showing.parameters(task),
    )


@blueprint.get("/tasks/<task_id>/live")
@viewers
def live(task_id: str) -> str:
    """What changes while a task runs; its log and its document are not in it."""
    return render_template("tasks/_live.html", **showing.heading(queries.get(task_id), request.args.get("last")))


@blueprint.get("/tasks/<task_id>/log.txt")
@viewers
def download_log(task_id: str) -> Response:
    """The whole log of an attempt as a file, as far as it is written; the latest one's unless `attempt` says which."""
    log = logs.wanted(task_id, request.args.get("attempt", type=int))
    response = Response(logs.chunks(log), mimetype="text/plain")
    response.headers.set("Content-Disposition", "attachment", filename=f"{task_id}.log")
    return response


@blueprint.post("/tasks/<task_id>/cancel")
@operators
def cancel(task_id: str) -> ResponseReturnValue:
    service.cancel(task_id, by=caller().username)
    return redirect(url_for("tasks.show", task_id=task_id))


@blueprint.post("/tasks/<task_id>/rerun")
@operators
def rerun(task_id: str) -> ResponseReturnValue:
    again = service.rerun(task_id, account_id())
    publish(again)
    return redirect(url_for("tasks.show", task_id=again.id))


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {
        "states": wording.STATES,
        "outcomes": wording.OUTCOMES,
        "types": wording.TYPES,
        "severities": wording.SEVERITIES,
    }


def _form(typed: Typed, refusal: AppError | None = None) -> str:
    return render_template("tasks/new.html", expires_offered=True, **editing.shown(typed, refusal))

"""The pages of saved jobs: their list, one of them, and the forms to save, run and delete it."""

import shlex
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, json, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from datax_job.redaction import MASK
from webapp.accounts.guard import account_id, caller, operators, viewers
from webapp.errors import AppError, Stale
from webapp.jobs import checking, form, queries, run_form, service, transfer_pages, version_pages
from webapp.jobs.api import JobQuery, keepers
from webapp.jobs.form import TypedJob
from webapp.jobs.models import SavedJob
from webapp.jobs.showing import held
from webapp.requests import check
from webapp.tasks import editing, listing
from webapp.tasks.list_rows import ShownTask, shown
from webapp.tasks.listing import Filter, ListedTask

ROWS = 50
RUNS = 10
VERSIONS = 10

blueprint = Blueprint("jobs", __name__)
version_pages.add_to(blueprint)
transfer_pages.add_to(blueprint)


def init_app(app: Any) -> None:
    app.extensions["name_of_job"] = _name_of
    app.register_blueprint(blueprint)


@blueprint.get("/jobs")
@viewers
def index() -> str:
    given = {name: value for name, value in request.args.items() if value}
    query = check(JobQuery, {**given, "limit": ROWS})
    found = queries.page(query.filter(), ROWS, query.cursor)
    return render_template(
        "jobs/index.html",
        jobs=found.jobs,
        runs=_shown(queries.last_runs(found.jobs)),
        next_cursor=found.next_cursor,
        query=given,
        newest={name: value for name, value in given.items() if name != "cursor"},
        tags=queries.tags(),
    )


@blueprint.get("/jobs/new")
@keepers
def new() -> str:
    task_id = request.args.get("task")
    return _form(form.of_task(task_id) if task_id else TypedJob())


@blueprint.post("/jobs/new")
@keepers
def create() -> ResponseReturnValue:
    typed = form.read(request.form, request.files)
    try:
        body = typed.body()
        made = service.create(body, caller().username, typed.plain(body))
    except AppError as error:
        return _form(typed, error), error.status
    return redirect(url_for("jobs.show", job_id=made.id))


@blueprint.post("/jobs/new/typed")
@keepers
def carry() -> str:
    """What stands in the form of a new task, to be saved as a job: nothing is saved yet."""
    return _form(form.read(request.form, request.files), carried=True)


@blueprint.get("/jobs/new/typed")
@viewers
def start_anew() -> ResponseReturnValue:
    """Somebody asks for the address again, as a change of the language does."""
    return redirect(url_for("jobs.new"))


@blueprint.get("/jobs/<job_id>")
@viewers
def show(job_id: str) -> str:
    job = queries.get(job_id)
    newest = queries.version(job)
    looked = checking.look(newest)
    versions = queries.versions(job, VERSIONS + 1)
    runs = listing.page(Filter(job_id=job.id), RUNS)
    return render_template(
        "jobs/show.html",
        job=job,
        looked=looked,
        runs=zip(list(shown(runs.tasks)), runs.tasks, strict=True),
        more_runs=runs.next_cursor is not None,
        versions=versions[:VERSIONS],
        more_versions=len(versions) > VERSIONS,
        command=_command(job, [name for name in looked.places if name not in newest.params]),
        **held(newest),
    )


@blueprint.get("/jobs/<job_id>/edit")
@keepers
def edit(job_id: str) -> str:
    job = queries.get(job_id)
    return _form(form.of_job(job, queries.version(job)), job=job)


@blueprint.post("/jobs/<job_id>/edit")
@keepers
def change(job_id: str) -> ResponseReturnValue:
    job = queries.get(job_id)
    typed = form.read(request.form, request.files)
    try:
        before = queries.version(job, form.based_on(typed))
        body = form.with_types_of(typed.with_lines_of(before).body(form.empty_in(before)), before)
        saved = service.change(job.id, body, caller().username, before.number)
    except AppError as error:
        return _form(typed, error, queries.get(job_id)), error.status
    if saved.version == before.number:
        flash(_("Nothing was changed, so there is no new version."))
    return redirect(url_for("jobs.show", job_id=job_id))


@blueprint.get("/jobs/<job_id>/run")
@operators
def ask_values(job_id: str) -> str:
    job = queries.get(job_id)
    return _run_form(job, run_form.of(queries.version(job)))


@blueprint.post("/jobs/<job_id>/run")
@operators
def run(job_id: str) -> ResponseReturnValue:
    job = queries.get(job_id)
    typed = run_form.read(request.form)
    try:
        task = run_form.send(job, typed, account_id())
    except AppError as error:
        return _run_form(job, typed, error), error.status
    return redirect(url_for("tasks.show", task_id=task.id))


@blueprint.get("/jobs/<job_id>/delete")
@keepers
def ask_removal(job_id: str) -> str:
    """What would happen. Nothing happens before the answer."""
    job = queries.get(job_id)
    return render_template("jobs/delete.html", job=job, run=queries.last_runs([job]).get(job.id))


@blueprint.post("/jobs/<job_id>/delete")
@keepers
def delete(job_id: str) -> ResponseReturnValue:
    service.delete(job_id, request.form.get("version", type=int))
    return redirect(url_for("jobs.index"))


@blueprint.app_context_processor
def _saved_job() -> dict[str, Any]:
    return {"saved_job": queries.find}


def _form(typed: TypedJob, refusal: AppError | None = None, job: SavedJob | None = None, carried: bool = False) -> str:
    stale = isinstance(refusal, Stale)
    page = editing.shown(typed.typed, refusal)
    return render_template(
        "jobs/form.html",
        **{**page, "examples": {} if job else page["examples"], "refused": page["refused"] or carried},
        job=job,
        given=typed,
        stale=stale,
        # Who has been told what came meanwhile may save after it.
        based_on=job.version if job and stale else typed.based_on,
        expires_offered=False,
        tags=queries.tags(),
    )


def _run_form(job: SavedJob, typed: run_form.TypedRun, refusal: AppError | None = None) -> str:
    version = queries.version(job, typed.version)
    looked = checking.look(version)
    return render_template(
        "jobs/run.html",
        **editing.shown(typed.typed, refusal),
        job=job,
        this=version,
        looked=looked,
        rows=typed.rows(looked.places),
        field_of=run_form.errors(refusal),
        mask=MASK,
        expires_offered=False,
    )


def _shown(runs: Mapping[str, ListedTask]) -> dict[str, ShownTask]:
    return dict(zip(runs, shown(runs.values()), strict=True))


def _command(job: SavedJob, missing: list[str]) -> str:
    """The line by which a program runs it."""
    address = request.host_url.rstrip("/") + url_for("jobs_api.run", job_id=job.id)
    body = json.dumps({"params": dict.fromkeys(missing, "…")} if missing else {}, ensure_ascii=False)
    return f'curl -s "{address}" -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d {shlex.quote(body)}'


def _name_of(job_id: str) -> str:
    job = queries.find(job_id)
    return job_id if job is None else job.name

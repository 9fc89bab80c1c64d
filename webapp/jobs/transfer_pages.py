"""The pages by which jobs come from files and go to them."""

from collections.abc import Iterable, Sequence

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from pydantic import BaseModel
from werkzeug.datastructures import FileStorage

from webapp import clock
from webapp.accounts.guard import account_id, caller, viewers
from webapp.errors import AppError, InvalidRequest
from webapp.jobs import archive, carried, exporting, importing, naming, queries
from webapp.jobs.api import JobFilter, keepers
from webapp.jobs.archive import File
from webapp.jobs.carried import Carried
from webapp.jobs.form import words
from webapp.jobs.importing import Action, Item
from webapp.jobs.models import SavedJob
from webapp.jobs.schemas import Tags
from webapp.requests import check

# So many files of a kind are listed; the others are counted.
MOST_LISTED = 500


class Given(BaseModel):
    tags: Tags


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/jobs/import", view_func=ask_import)
    blueprint.add_url_rule("/jobs/import", view_func=look, methods=["POST"])
    blueprint.add_url_rule("/jobs/import/confirm", view_func=confirm, methods=["POST"])
    blueprint.add_url_rule("/jobs/import/confirm", view_func=ask_again)
    blueprint.add_url_rule("/jobs/export.zip", view_func=export_list)
    blueprint.add_url_rule("/jobs/<job_id>/export", view_func=export_one)


@keepers
def ask_import() -> str:
    return _ask()


@keepers
def look() -> ResponseReturnValue:
    """What each file would do. Nothing happens before the answer."""
    try:
        tags = check(Given, {"tags": words(request.form.get("tags", ""))}).tags
        files = archive.read(sent(request.files.getlist("file") + request.files.getlist("folder")))
        if not files:
            raise InvalidRequest(
                _("There is no JSON file among them. Choose .json files, a folder of them, or a ZIP archive.")
            )
        return _shown(files, tags)
    except AppError as error:
        return _ask(error), error.status


@keepers
def confirm() -> ResponseReturnValue:
    """Exactly what was shown; where that is not what would happen any more, it is shown anew."""
    try:
        kept = carried.opened(request.form.get("files", ""), account_id())
        items = importing.plan(kept.files, kept.tags)
        importing.confirm(items, kept.shown, caller().username)
    except InvalidRequest as error:
        return _ask(error), error.status
    except AppError as error:
        return _shown(kept.files, kept.tags, error), error.status
    flash(_said(items))
    return redirect(url_for("jobs.index", tag=kept.tags[0] if kept.tags else None))


@viewers
def ask_again() -> ResponseReturnValue:
    """Somebody asks for the address again, as a change of the language does."""
    return redirect(url_for("jobs.ask_import"))


@viewers
def export_one(job_id: str) -> Response:
    job = queries.get(job_id)
    return as_file(exporting.document(queries.version(job)), naming.file_of(job.name, set()))


@viewers
def export_list() -> Response:
    """The selected jobs; without a selection all that the filter finds."""
    given = {name: value for name, value in request.args.items() if value and name in JobFilter.model_fields}
    ids = request.args.getlist("id")
    if ids and not request.args.get("all"):
        return as_archive([queries.these(ids[: naming.MOST_SELECTED])])
    return as_archive(queries.every(check(JobFilter, given).filter(), exporting.JOBS_AT_ONCE))


def sent(uploads: Iterable[FileStorage]) -> Iterable[tuple[str, bytes]]:
    """Name and content of each file. The folder that was chosen is no part of a name: what lies in it is."""
    for upload in uploads:
        name = (upload.filename or "").replace("\\", "/")
        if name:
            yield name.partition("/")[2] or name, upload.read()


def as_file(text: str, name: str) -> Response:
    response = Response(text, mimetype="text/plain")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def as_archive(pages: Iterable[Sequence[SavedJob]]) -> Response:
    response = Response(stream_with_context(exporting.archive(pages)), mimetype="application/zip")
    name = f"jobs-{clock.now():%Y-%m-%d-%H%M}.zip"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _ask(refusal: AppError | None = None) -> str:
    return render_template("jobs/import.html", refusal=refusal, tags=request.form.get("tags", ""))


def _shown(files: list[File], tags: list[str], refusal: AppError | None = None) -> str:
    items = importing.plan(files, tags)
    readable = carried.without_refused(files)
    # What cannot be read does not come back: what happens then is what would happen without it.
    digest = importing.digest(importing.plan(readable, tags) if len(readable) < len(files) else items)
    return render_template(
        "jobs/review.html",
        groups={action: [item for item in items if item.action is action] for action in Action},
        most=MOST_LISTED,
        masked=sum(item.masked for item in items if item.action in {Action.NEW, Action.CHANGED}),
        refusal=refusal,
        files=carried.sealed(Carried(readable, tags, digest), account_id()),
    )


def _said(items: Sequence[Item]) -> str:
    numbers = importing.counts(items)
    parts = [
        ngettext("%(num)s job is new", "%(num)s jobs are new", numbers["new"]),
        ngettext("%(num)s has a new version", "%(num)s have a new version", numbers["changed"]),
    ]
    return ", ".join(parts) + "."

"""The page of projects for admins, and the choice of the one to work in."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts import names, sessions, tokens
from webapp.accounts import service as accounts
from webapp.accounts.guard import admins, caller, owners, visitor
from webapp.errors import Forbidden, NotFound
from webapp.projects import service

blueprint = Blueprint("projects", __name__, url_prefix="/projects")


@blueprint.get("")
@admins
def index() -> str:
    return render_template("projects/index.html", seen=service.everything(), accounts=accounts.everybody())


@blueprint.post("")
@admins
def create() -> ResponseReturnValue:
    service.create(names.accept(request.form.get("name", "")))
    return redirect(url_for("projects.index"))


@blueprint.post("/<int(max=2147483647):project_id>/members")
@admins
def add(project_id: int) -> ResponseReturnValue:
    service.add(service.get(project_id), accounts.account_named(request.form.get("username", "")).id)
    return redirect(url_for("projects.index"))


@blueprint.post("/<int(max=2147483647):project_id>/members/<int(max=2147483647):account_id>/remove")
@admins
def remove(project_id: int, account_id: int) -> ResponseReturnValue:
    service.remove(service.get(project_id), account_id)
    tokens.forget()
    return redirect(url_for("projects.index"))


@blueprint.post("/current")
@owners
def choose() -> ResponseReturnValue:
    """Work in another project from now on, in this browser."""
    me, wanted = caller(), request.form.get("project", "")
    if me.session_id is None:
        raise Forbidden(_("A token stays in the project that it was made in."))
    if wanted not in {str(project.id) for project in service.open_to(me.account_id, me.is_admin)}:
        raise NotFound(_("There is no such project."))
    sessions.choose_project(me.session_id, int(wanted))
    return redirect(url_for("home.index"))


@blueprint.app_context_processor
def _choices() -> dict[str, Any]:
    """A function, so that only the pages that show the choice ask the database for it."""

    def open_projects() -> Any:
        who = visitor()
        return service.open_to(who.account_id, who.is_admin) if who else []

    return {"open_projects": open_projects}

"""The pages of data sources."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from datax_job.redaction import MASK
from webapp.accounts.guard import admins, needs, viewers
from webapp.accounts.roles import Role, Scope
from webapp.datasources import schemas, service, trial
from webapp.errors import AppError
from webapp.requests import check, parse_object

# What a form begins with: where the three most common databases listen.
FAMILIES = {
    "mysql": "jdbc:mysql://HOST:3306/DATABASE",
    "postgresql": "jdbc:postgresql://HOST:5432/DATABASE",
    "oracle": "jdbc:oracle:thin:@//HOST:1521/SERVICE",
    "sqlserver": "jdbc:sqlserver://HOST:1433;databaseName=DATABASE",
    "clickhouse": "jdbc:clickhouse://HOST:8123/DATABASE",
    "rdbms": "jdbc:…",
}

blueprint = Blueprint("datasources", __name__, url_prefix="/datasources")


@blueprint.get("")
@viewers
def index() -> str:
    return render_template("datasources/index.html", sources=service.every())


@blueprint.get("/new")
@admins
def new() -> str:
    return _form({"family": "mysql"})


@blueprint.post("/new")
@admins
def create() -> ResponseReturnValue:
    try:
        service.create(check(schemas.DataSourceBody, _fields()))
    except AppError as error:
        return _form(request.form, error), error.status
    return redirect(url_for("datasources.index"))


@blueprint.get("/<name>/edit")
@admins
def edit(name: str) -> str:
    return _form(schemas.view(service.get(name)), name=name)


@blueprint.post("/<name>/edit")
@admins
def change(name: str) -> ResponseReturnValue:
    try:
        fields = {field: value for field, value in _fields().items() if field != "name"}
        service.change(name, check(schemas.DataSourceChange, fields))
    except AppError as error:
        return _form(request.form, error, name=name), error.status
    return redirect(url_for("datasources.index"))


@blueprint.get("/<name>/delete")
@admins
def ask_removal(name: str) -> str:
    return render_template("datasources/delete.html", source=service.get(name))


@blueprint.post("/<name>/delete")
@admins
def delete(name: str) -> ResponseReturnValue:
    service.delete(name)
    flash(_("The data source %(name)s is deleted.", name=name), "success")
    return redirect(url_for("datasources.index"))


@blueprint.post("/<name>/test")
@needs(Role.OPERATOR, Scope.SUBMIT)
def test(name: str) -> ResponseReturnValue:
    tested = trial.of(service.get(name))
    flash(f"{name}: {tested.message}", "success" if tested.ok else "error")
    return redirect(url_for("datasources.index"))


def _fields() -> dict[str, Any]:
    names = ("name", "family", "jdbc_url", "username", "password")
    fields: dict[str, Any] = {name: request.form.get(name, "").strip() for name in names[:-1]}
    options = request.form.get("options", "").strip()
    return {
        **fields,
        "password": request.form.get("password", ""),
        "options": parse_object(options.encode("utf-8", "surrogatepass"), "the options") if options else {},
    }


def _form(values: Any, refusal: AppError | None = None, name: str | None = None) -> str:
    """A password that was typed is not sent back; the mask stands for the one that is kept."""
    kept = MASK if name is not None and service.get(name).password else ""
    return render_template(
        "datasources/form.html", values=values, refusal=refusal, name=name, families=FAMILIES, kept=kept, mask=MASK
    )

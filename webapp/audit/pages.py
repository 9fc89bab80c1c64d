"""The page of the audit and its exports."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, render_template, request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from webapp.accounts.guard import admins
from webapp.audit import export, queries
from webapp.requests import check

ROWS = 100

blueprint = Blueprint("audit", __name__, url_prefix="/audit")


class AuditQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    action: str | None = Field(default=None, max_length=64, pattern=r"^[^\x00]*$")
    actor: str | None = Field(default=None, max_length=200, pattern=r"^[^\x00]*$")
    target: str | None = Field(default=None, max_length=200, pattern=r"^[^\x00]*$")
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    before: int | None = Field(default=None, ge=1, lt=2**62)


@blueprint.get("")
@admins
def index() -> str:
    given, wanted = _given()
    found = queries.page(wanted, ROWS + 1)
    more = found[ROWS - 1].number if len(found) > ROWS else None
    newest = {name: value for name, value in given.items() if name != "before"}
    return render_template("audit/index.html", entries=found[:ROWS], query=given, newest=newest, more=more)


@blueprint.get("/export.csv")
@admins
def as_csv() -> Response:
    return _file("audit.csv", "text/csv", export.lines_of_csv)


@blueprint.get("/export.jsonl")
@admins
def as_json_lines() -> Response:
    return _file("audit.jsonl", "application/jsonl", export.lines_of_json)


def _file(name: str, mimetype: str, lines: Callable[[Iterable[Any]], Iterator[str]]) -> Response:
    _, wanted = _given()
    response = Response(lines(queries.every(wanted)), mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _given() -> tuple[dict[str, Any], queries.Filter]:
    """What the address asks for; a field that was left empty does not narrow the list."""
    given = {name: value for name, value in request.args.items() if value}
    return given, queries.Filter(**check(AuditQuery, given).model_dump())

"""The page of workers and queues."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from webapp.accounts.guard import caller, needs, viewers
from webapp.accounts.roles import Role, Scope
from webapp.fleet import queries
from webapp.workers import service

STATES = {"alive": _l("alive"), "stopping": _l("stopping"), "away": _l("away"), "stopped": _l("stopped")}

blueprint = Blueprint("fleet", __name__)


@blueprint.get("/workers")
@viewers
def index() -> str:
    return render_template("fleet/index.html", **_seen())


@blueprint.post("/queues/<name>/pause")
@needs(Role.OPERATOR, Scope.MANAGE)
def pause(name: str) -> ResponseReturnValue:
    service.pause(name, caller().username)
    return redirect(url_for("fleet.index"))


@blueprint.post("/queues/<name>/resume")
@needs(Role.OPERATOR, Scope.MANAGE)
def resume(name: str) -> ResponseReturnValue:
    service.resume(name, caller().username)
    return redirect(url_for("fleet.index"))


def _seen() -> dict[str, Any]:
    return {"workers": queries.seen_workers(), "queues": queries.seen_queues(), "worker_states": STATES}

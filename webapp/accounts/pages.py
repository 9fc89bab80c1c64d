"""Log in and out."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts import service
from webapp.accounts.guard import SESSION_KEY, members, public

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/login")
@public
def login() -> ResponseReturnValue:
    return render_template("login.html", next=request.args.get("next", ""))


@blueprint.post("/login")
@public
def log_in() -> ResponseReturnValue:
    username, target = request.form.get("username", ""), request.form.get("next", "")
    account = service.log_in(username, request.form.get("password", ""))
    if account is None:
        page = render_template(
            "login.html", next=target, username=username, error=_("The name or the password is wrong.")
        )
        return page, 401
    session.clear()  # a session known before the log-in must not become one of a signed-in person
    session[SESSION_KEY] = account.id
    session["username"] = account.username
    return redirect(_local(target) or url_for("tasks.index"))


@blueprint.post("/logout")
@members
def logout() -> ResponseReturnValue:
    session.clear()
    return redirect(url_for("accounts.login"))


def _local(target: str) -> str | None:
    """The target when it is an address of this server; browsers read `//host` and `/\\host` as another host's."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target[1:2] in {"/", "\\"}:
        return None
    return target if target.isprintable() else None

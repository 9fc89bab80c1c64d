"""Log in and out."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts import service
from webapp.accounts.guard import LANGUAGE_KEY, SESSION_KEY, members, public
from webapp.addresses import local

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
    _renew_session()  # a session known before the log-in must not become one of a signed-in person
    session[SESSION_KEY] = account.id
    session["username"] = account.username
    return redirect(local(target) or url_for("tasks.index"))


@blueprint.post("/logout")
@members
def logout() -> ResponseReturnValue:
    _renew_session()
    return redirect(url_for("accounts.login"))


def _renew_session() -> None:
    """Forget everything but the language, which a person chooses before the log-in."""
    language = session.get(LANGUAGE_KEY)
    session.clear()
    if language is not None:
        session[LANGUAGE_KEY] = language

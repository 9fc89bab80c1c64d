"""Log in and out."""

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp import signals
from webapp.accounts import service, sessions
from webapp.accounts.guard import LANGUAGE_KEY, SESSION_KEY, caller, owners, public
from webapp.accounts.models import Account
from webapp.addresses import local

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/login")
@public
def login() -> ResponseReturnValue:
    return render_template("login.html", next=request.args.get("next", ""), ended="ended" in request.args)


@blueprint.post("/login")
@public
def log_in() -> ResponseReturnValue:
    username, target = request.form.get("username", ""), request.form.get("next", "")
    account = service.log_in(username, request.form.get("password", ""), request.remote_addr or "")
    if account is None:
        page = render_template(
            "login.html", next=target, username=username, error=_("The name or the password is wrong.")
        )
        return page, 401
    begin_session(account)
    return redirect(local(target) or url_for("home.index"))


@blueprint.post("/logout")
@owners
def logout() -> ResponseReturnValue:
    end_session()
    signals.tell("logout", caller().username)
    return redirect(url_for("accounts.login"))


def begin_session(account: Account) -> None:
    """A session known before the log-in must not become one of a signed-in person: there is always a new one."""
    end_session()
    agent = request.headers.get("User-Agent", "")
    session[SESSION_KEY] = sessions.open_for(account, current_app.config["SETTINGS"], request.remote_addr or "", agent)


def end_session() -> None:
    """Forget everything but the language, which a person chooses before the log-in."""
    language, secret = session.get(LANGUAGE_KEY), session.get(SESSION_KEY)
    if isinstance(secret, str):
        sessions.revoke_secret(secret)
    session.clear()
    if language is not None:
        session[LANGUAGE_KEY] = language

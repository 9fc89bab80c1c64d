"""What everybody sees and changes of their own: password, sessions, API tokens."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.accounts import expiry, passwords, service, sessions, tokens
from webapp.accounts.guard import account_id, caller, owners
from webapp.accounts.roles import Scope, scopes_in
from webapp.errors import InvalidRequest
from webapp.headers import NEVER_STORED

SCOPES = {
    Scope.READ: _l("read tasks, results and logs"),
    Scope.SUBMIT: _l("submit, cancel and run again"),
    Scope.MANAGE: _l("manage tokens, queues and, for admins, accounts"),
}
EXPIRIES = {
    "7d": _l("in 7 days"),
    "30d": _l("in 30 days"),
    "90d": _l("in 90 days"),
    "365d": _l("in a year"),
    expiry.NEVER: _l("never"),
}
USUAL_EXPIRY = "90d"

blueprint = Blueprint("own", __name__, url_prefix="/account")


@blueprint.get("")
@owners
def show() -> str:
    return _page()


@blueprint.post("/password")
@owners
def change_password() -> ResponseReturnValue:
    """The other sessions end; this one goes on."""
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        raise InvalidRequest(_("The new password and its repetition differ."))
    address, me = request.remote_addr or "", caller()
    service.change_password(service.get(me.account_id), request.form.get("old", ""), new, address, me.session_id)
    flash(_("The password is changed, and the other sessions are ended."))
    return redirect(url_for("own.show"))


@blueprint.post("/sessions/<int(max=2147483647):session_id>/end")
@owners
def end_session(session_id: int) -> ResponseReturnValue:
    sessions.revoke(session_id, account_id())
    return redirect(url_for("own.show"))


@blueprint.post("/sessions/end-others")
@owners
def end_other_sessions() -> ResponseReturnValue:
    sessions.revoke_all(account_id(), but=caller().session_id)
    return redirect(url_for("own.show"))


@blueprint.post("/tokens")
@owners
def create_token() -> ResponseReturnValue:
    """The answer is the page itself: the token is in it, and nowhere else."""
    wanted = scopes_in(" ".join(name for name in request.form.getlist("scope") if name in set(Scope)))
    end = expiry.moment(request.form.get("expires", USUAL_EXPIRY))
    return _page(made=tokens.create_by(caller(), request.form.get("name", ""), wanted, end)), 201, NEVER_STORED


@blueprint.post("/tokens/<int(max=2147483647):token_id>/revoke")
@owners
def revoke_token(token_id: int) -> ResponseReturnValue:
    tokens.revoke(token_id, account_id())
    return redirect(url_for("own.show"))


def _page(**more: Any) -> str:
    return render_template(
        "accounts/own.html",
        sessions=sessions.of(account_id(), current_app.config["SETTINGS"]),
        tokens=tokens.of(account_id()),
        scopes=SCOPES,
        expiries=EXPIRIES,
        usual_expiry=USUAL_EXPIRY,
        shortest=passwords.SHORTEST,
        has_password=service.get(account_id()).password_hash != passwords.UNUSABLE,
        **more,
    )

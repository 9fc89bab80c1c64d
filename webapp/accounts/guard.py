"""The access rule of each route. A route without a rule is closed."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from webapp.accounts import service
from webapp.errors import Unauthorized
from webapp.extensions import csrf

View = TypeVar("View", bound=Callable[..., Any])

SESSION_KEY = "account_id"
# The one thing in a session that outlives log-in and log-out.
LANGUAGE_KEY = "language"


def public(view: View) -> View:
    """Anybody may call it."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def members(view: View) -> View:
    """Needs a signed-in person or an API token."""
    view.access = "members"  # type: ignore[attr-defined]
    return view


def init_app(app: Flask) -> None:
    app.before_request(_check)


def account_id() -> int:
    """Whose request this is. Only valid in a view that is not public."""
    return int(g.account_id)


def rule_of(app: Flask, endpoint: str) -> str | None:
    """`public`, `members`, or None for a route that nobody may call."""
    return getattr(app.view_functions[endpoint], "access", "public" if endpoint.endswith("static") else None)


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None or rule_of(current_app, request.endpoint) == "public":
        return None
    if rule_of(current_app, request.endpoint) is None:
        raise Unauthorized("This address has no access rule.")
    if request.path.startswith("/api/"):
        g.account_id = _caller_of_api()
        return None
    g.account_id = session.get(SESSION_KEY)
    return None if g.account_id else redirect(url_for("accounts.login", next=request.full_path.rstrip("?")))


def _caller_of_api() -> int:
    """A bearer token decides alone; without one, the session of a page does, protected against cross-site requests."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        found = service.account_of_token(token.strip())
        if found is None:
            raise Unauthorized("The API token is not valid.")
        return found
    if SESSION_KEY not in session:
        raise Unauthorized("Send an API token as 'Authorization: Bearer TOKEN'.")
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        csrf.protect()
    return int(session[SESSION_KEY])

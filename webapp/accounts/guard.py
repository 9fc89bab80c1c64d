"""The access rule of each route: which role it needs, and which scope of a token. A route without a rule is closed."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from flask import Flask, Request, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from webapp.accounts import sessions, tokens
from webapp.accounts.roles import Caller, Role, Rule, Scope
from webapp.addresses import page_here
from webapp.errors import BadRequest, Forbidden, Unauthorized
from webapp.extensions import csrf

View = TypeVar("View", bound=Callable[..., Any])
Access = Rule | Literal["public"]

PUBLIC: Literal["public"] = "public"
SESSION_KEY = "session"
# The one thing in a session that outlives log-in and log-out.
LANGUAGE_KEY = "language"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}

# What somebody who is not known may send: a name and a password.
STRANGERS_BYTES = 64 * 1024

# Names under which people put a token into an address, where logs, histories and referrers keep it.
TOKEN_ARGUMENTS = {"token", "access_token", "api_token", "api_key", "apikey", "authorization"}


def public(view: View) -> View:
    """Anybody may call it."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def needs(role: Role, scope: Scope) -> Callable[[View], View]:
    """Needs a signed-in person of that role, or a token of one that has that scope."""

    def mark(view: View) -> View:
        view.access = Rule(role, scope)  # type: ignore[attr-defined]
        return view

    return mark


viewers = needs(Role.VIEWER, Scope.READ)
operators = needs(Role.OPERATOR, Scope.SUBMIT)
admins = needs(Role.ADMIN, Scope.MANAGE)
# Everybody for what is their own: password, sessions, tokens.
owners = needs(Role.VIEWER, Scope.MANAGE)


def init_app(app: Flask) -> None:
    app.before_request(_check)
    app.context_processor(lambda: {"caller": visitor()})


def after_limits(app: Flask) -> None:
    """The proof lies in the body, and what a stranger or a flood of requests sends is not even read."""
    csrf.init_app(app)
    app.before_request(_check_origin)


def caller() -> Caller:
    """Whose request this is. Only valid in a view that is not public."""
    found: Caller = g.caller
    return found


def account_id() -> int:
    return caller().account_id


def visitor() -> Caller | None:
    """Who looks at a page, also at one that is open to anybody."""
    if g.get("caller") is None and SESSION_KEY in session and not g.get("database_away"):
        g.caller = _caller_of_session()
    found: Caller | None = g.get("caller")
    return found


def rule_of(app: Flask, endpoint: str) -> Access | None:
    """`public`, what it needs, or None for a route that nobody may call."""
    return getattr(app.view_functions[endpoint], "access", PUBLIC if endpoint.endswith("static") else None)


def bearer(authorization: str | None) -> str | None:
    """The token in an Authorization header, if it holds one."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _check() -> ResponseReturnValue | None:
    # Each word with these is a look for the current one, and every poll pays for it: they are looked for once.
    asked, held = request._get_current_object(), g._get_current_object()  # type: ignore[attr-defined]
    held.caller = None
    _refuse_token_in_address(asked)
    if asked.endpoint is None:
        return None
    rule = rule_of(current_app, asked.endpoint)
    if rule == PUBLIC:
        asked.max_content_length = STRANGERS_BYTES
        return None
    if rule is None:
        raise Unauthorized("This address has no access rule.")
    held.caller = known = _caller_of_api(asked) if asked.path.startswith("/api/") else _caller_of_session()
    if known is None:
        ended = None if asked.method in SAFE_METHODS else 1
        return redirect(url_for("accounts.login", next=page_here(), ended=ended))
    if not known.may(rule):
        raise Forbidden(_lacking(known, rule))
    return None


def _check_origin() -> None:
    """Whoever changes something without a bearer token, at a page or at the API, proves that a page of ours asked for it."""
    if request.method in SAFE_METHODS or request.endpoint is None:
        return
    known = g.caller
    if known is None or known.token_id is None:
        csrf.protect()


def _refuse_token_in_address(asked: Request) -> None:
    if asked.query_string and TOKEN_ARGUMENTS & {name.lower() for name in asked.args}:
        raise BadRequest(
            "A token never belongs into an address, where logs keep it: revoke it, and send the new one as"
            " 'Authorization: Bearer TOKEN'."
        )


def _caller_of_session() -> Caller | None:
    secret = session.get(SESSION_KEY)
    found = sessions.caller(secret, current_app.config["SETTINGS"]) if isinstance(secret, str) else None
    if found is None:
        session.pop(SESSION_KEY, None)
    return found


def _caller_of_api(asked: Request) -> Caller:
    """A bearer token decides alone; without one, the session of a page does."""
    token = bearer(asked.headers.get("Authorization"))
    if token is not None:
        found = tokens.caller(token)
        if found is None:
            raise Unauthorized("The API token is not valid.")
        return found
    found = _caller_of_session()
    if found is None:
        raise Unauthorized("Send an API token as 'Authorization: Bearer TOKEN'.")
    return found


def _lacking(caller: Caller, rule: Rule) -> str:
    if not caller.role.covers(rule.role):
        return f"This needs the role {rule.role}; {caller.username} is {caller.role}."
    return f"This needs a token with the scope {rule.scope}."

"""How many requests a minute: per token or session, and per address for those that have neither."""

from flask import Flask, Response, current_app, g, request
from flask_babel import gettext as _

from webapp.accounts.guard import visitor
from webapp.accounts.lockout import network_of
from webapp.accounts.roles import Caller
from webapp.config import Settings
from webapp.errors import TooManyRequests
from webapp.limits.counting import BrokerCounter
from webapp.limits.window import Limiter

# Style sheets and the probes of load balancers do not count.
UNCOUNTED = {"static", "health.healthz"}


def init_app(app: Flask) -> None:
    """Before the guard an address may be refused that came too often without a credential; after it, callers are counted."""
    app.extensions["limiter"] = Limiter(BrokerCounter(app.config["SETTINGS"]))
    app.before_request(_refuse_address)
    app.after_request(_count_stranger)


def after_guard(app: Flask) -> None:
    app.before_request(_count_caller)


def _refuse_address() -> None:
    limiter = _limiter()
    if limiter.anybody_spent and request.endpoint not in UNCOUNTED:
        _refuse(limiter.spent(_address_key()))


def _count_caller() -> None:
    limit, caller = _settings().rate_limit, g.get("caller")
    if limit and caller is not None:
        _refuse(_limiter().take(_key(caller), limit))


def _count_stranger(response: Response) -> Response:
    """A wrong token is no credential: whoever tries many is counted here too."""
    if g.get("caller") is None and request.endpoint not in UNCOUNTED:
        limit = _settings().address_rate_limit
        if limit and visitor() is None:
            _limiter().take(_address_key(), limit)
    return response


def _refuse(seconds: int | None) -> None:
    if seconds is not None:
        raise TooManyRequests(_("Too many requests. Try again in %(seconds)s s.", seconds=seconds), seconds)


def _key(caller: Caller) -> str:
    return f"token {caller.token_id}" if caller.token_id else f"session {caller.session_id}"


def _address_key() -> str:
    return f"address {network_of(request.remote_addr or '')}"


def _limiter() -> Limiter:
    limiter: Limiter = current_app.extensions["limiter"]
    return limiter


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings

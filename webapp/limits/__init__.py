"""How many requests a minute: per token or session, and per address for those that have neither."""

from flask import Flask, Response, g, request
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
    limits = Limits(app.config["SETTINGS"])
    app.extensions["limits"] = limits
    app.before_request(limits.refuse_address)
    app.after_request(limits.count_stranger)


def after_guard(app: Flask) -> None:
    app.before_request(app.extensions["limits"].count_caller)


class Limits:
    """Bound to its application: each look for the current one is paid by every poll."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = Limiter(BrokerCounter(settings))
        self._per_caller, self._per_address = settings.rate_limit, settings.address_rate_limit

    def refuse_address(self) -> None:
        if self._limiter.anybody_spent and request.endpoint not in UNCOUNTED:
            _refuse(self._limiter.spent(_address_key()))

    def lets(self, caller: Caller) -> bool:
        """Counts one request of a caller; False where it may have to be refused, which is then found out on the whole way."""
        return not self._limiter.anybody_spent and self._take(caller) is None

    def count_caller(self) -> None:
        caller = g.get("caller")
        if caller is not None:
            _refuse(self._take(caller))

    def _take(self, caller: Caller) -> int | None:
        return self._limiter.take(_key(caller), self._per_caller) if self._per_caller else None

    def count_stranger(self, response: Response) -> Response:
        """A wrong token is no credential: whoever tries many is counted here too."""
        if g.get("caller") is None and request.endpoint not in UNCOUNTED and self._per_address and visitor() is None:
            self._limiter.take(_address_key(), self._per_address)
        return response


def _refuse(seconds: int | None) -> None:
    if seconds is not None:
        raise TooManyRequests(_("Too many requests. Try again in %(seconds)s s.", seconds=seconds), seconds)


def _key(caller: Caller) -> str:
    return f"token {caller.token_id}" if caller.token_id else f"session {caller.session_id}"


def _address_key() -> str:
    return f"address {network_of(request.remote_addr or '')}"

"""Which names this server answers to. A page of another site cannot make a browser take it for its own (DNS rebinding)."""

import re
from functools import lru_cache

from flask import Flask, request
from flask_babel import gettext as _
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.config import Settings
from webapp.errors import BadRequest

# Probes call a container by its address; what these answer is the same for everybody.
FOR_PROBES = {"/healthz", "/readyz"}

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::[0-9]{1,5})?", re.IGNORECASE)


def init_app(app: Flask) -> None:
    settings: Settings = app.config["SETTINGS"]
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    names = settings.hosts

    @app.before_request
    def check() -> None:
        # As it was sent: what `request.host` makes of it each time costs more than to look up the verdict.
        host = request.environ.get("HTTP_HOST") or request.host
        if not _answers_to(host, names) and request.path not in FOR_PROBES:
            raise BadRequest(_("This server does not answer to that host name; TRUSTED_HOSTS lists those it does."))


def name_in(host: str) -> str | None:
    """The name in a Host header, without its port; None when it is no host."""
    found = _HOST.fullmatch(host)
    return found["name"].lower() if found else None


def allowed(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a name is listed; `.example.com` stands for every name that ends so."""
    return any(name == pattern or (pattern.startswith(".") and name.endswith(pattern)) for pattern in patterns)


@lru_cache(maxsize=256)
def _answers_to(host: str, patterns: tuple[str, ...] | None) -> bool:
    name = name_in(host)
    return name is not None and (patterns is None or allowed(name, patterns))

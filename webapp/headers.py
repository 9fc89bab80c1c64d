"""Response headers that every answer carries, so that a browser runs and shows only what this server sent."""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask

# Pages hold no inline script and no inline style, and nothing of them lies on another host.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)

# A browser that came over TLS once comes only so for this long.
HSTS_SECONDS = 365 * 86400

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: the protection against cross-site requests reads the referrer where the page came over HTTPS.
    "Referrer-Policy": "same-origin",
    # No window of another site holds a handle on ours, and no other site embeds what we answer.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

# For the one answer that shows a secret: no cache and no Back button brings it again.
NEVER_STORED = {"Cache-Control": "no-store"}


_ALWAYS = list(HEADERS.items())
_OVER_TLS = [*_ALWAYS, ("Strict-Transport-Security", f"max-age={HSTS_SECONDS}")]


def init_app(app: Flask) -> None:
    app.wsgi_app = _WithHeaders(app.wsgi_app)  # type: ignore[method-assign]


class _WithHeaders:
    """Adds what is the same for every answer, below Flask: one after the other, through its response, is a sixth of a poll's time."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        added = _OVER_TLS if environ["wsgi.url_scheme"] == "https" else _ALWAYS

        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            return start_response(status, [*headers, *added, *_caching(environ["PATH_INFO"], headers)], error)

        return self._app(environ, start)


def _caching(path: str, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What no other reader may get. A view may have said something else."""
    given = {name.lower(): value for name, value in headers}
    if "cache-control" in given:
        return []
    if given.get("content-type", "").startswith("text/html"):
        # Not `no-store`: then the browser's Back button would bring back a form without what was typed into it.
        return [("Cache-Control", "private, no-cache")]
    return [("Cache-Control", "no-store")] if path.startswith("/api/") else []

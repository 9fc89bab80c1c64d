"""Response headers that every answer carries, so that a browser runs and shows only what this server sent."""

from flask import Flask, Response, request

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

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: the protection against cross-site requests reads the referrer where the page came over HTTPS.
    "Referrer-Policy": "same-origin",
}

# For the one answer that shows a secret: no cache and no Back button brings it again.
NEVER_STORED = {"Cache-Control": "no-store"}


def init_app(app: Flask) -> None:
    app.after_request(_add)


def _add(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        # Not `no-store`: then the browser's Back button would bring back a form without what was typed into it.
        response.headers.setdefault("Cache-Control", "private, no-cache")
    elif request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response

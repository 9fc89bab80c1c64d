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


def init_app(app: Flask) -> None:
    app.after_request(_add)


def _add(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={HSTS_SECONDS}")
    if response.mimetype == "text/html":
        # Not `no-store`: then the browser's Back button would bring back a form without what was typed into it.
        response.headers.setdefault("Cache-Control", "private, no-cache")
    elif request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response

"""Where a page may send the browser next."""

from urllib.parse import urlsplit

from flask import current_app, request


def local(target: str) -> str | None:
    """The target when it is an address of this server; browsers read `//host` and `/\\host` as another host's."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target[1:2] in {"/", "\\"}:
        return None
    return target if target.isprintable() else None


def page_here() -> str:
    """Where a browser can open this page again: its own address, or for the answer to a form the nearest one above that is a page."""
    if request.method in {"GET", "HEAD"}:
        return request.full_path.rstrip("?")
    pages, path = current_app.url_map.bind(""), request.path
    while path and not pages.test(path, "GET"):
        path = path.rpartition("/")[0]
    return path or "/"

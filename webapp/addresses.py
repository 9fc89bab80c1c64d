"""Where a page may send the browser next."""

from urllib.parse import urlsplit


def local(target: str) -> str | None:
    """The target when it is an address of this server; browsers read `//host` and `/\\host` as another host's."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target[1:2] in {"/", "\\"}:
        return None
    return target if target.isprintable() else None

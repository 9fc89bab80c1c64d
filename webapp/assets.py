"""Scripts and style sheets under addresses that name what they hold, so that a browser asks for each of them once.

What `url_for("static", …)` gives begins with a digest of all of them, and may be kept for a year. Without it, or with another release's
(a page that was open during an upgrade, a second web machine that is older), a file is there too, and is asked about at each use.
"""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app
from werkzeug.routing import BaseConverter

KEPT = "public, max-age=31536000, immutable"

_IMPORT = re.compile(r'\b(?:from|import)\s*"(\.[^"]+\.js)"')
_LATER_IMPORT = re.compile(r'\bimport\(\s*"(\.[^"]+\.js)"\s*\)')


class Digest(BaseConverter):
    regex = "[0-9a-f]{16}"


def init_app(app: Flask) -> None:
    app.url_map.converters["digest"] = Digest
    app.add_url_rule("/static/<digest:version>/<path:filename>", endpoint="static")
    app.view_functions["static"] = _send
    app.url_defaults(_name_content)
    app.add_template_global(imported)


def imported(script: str, later: bool = False) -> list[str]:
    """The modules that a script needs before it can run, as names for `url_for("static", …)`; `later`: also those it loads once it runs.

    A page that names them has them all at once, where a browser else finds each only when it has read the one before.
    """
    return _imported(_folder(current_app), script, later)


def _send(filename: str, version: str = "") -> Response:
    response = current_app.send_static_file(filename)
    if version == _version(current_app):
        response.headers["Cache-Control"] = KEPT
    return response


def _name_content(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and (version := _version(current_app)):
        values.setdefault("version", version)


def _version(app: Flask) -> str | None:
    """Who works on the files has them as they are now."""
    return None if app.debug else _digest(_folder(app))


def _folder(app: Flask) -> Path:
    assert app.static_folder is not None
    return Path(app.static_folder)


@cache
def _digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(str(path.relative_to(folder)).encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


@cache
def _imported(folder: Path, script: str, later: bool) -> list[str]:
    found: dict[Path, None] = {}
    _follow((folder / script).resolve(), later, found)
    return [str(path.relative_to(folder.resolve())) for path in list(found)[1:]]


def _follow(path: Path, later: bool, found: dict[Path, None]) -> None:
    if path in found or not path.is_file():
        return
    found[path] = None
    text = path.read_text()
    for name in _IMPORT.findall(text) + (_LATER_IMPORT.findall(text) if later else []):
        _follow((path.parent / name).resolve(), later, found)

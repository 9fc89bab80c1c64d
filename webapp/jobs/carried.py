"""Files that were looked at and wait for a yes: they travel sealed in the page itself, so that no server has to keep them."""

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _

from webapp.errors import InvalidRequest, TooLarge
from webapp.jobs import queries
from webapp.jobs.archive import File
from webapp.sealing.keys import CannotOpen, Keyring

# Only what was sealed as this is taken for this.
_PURPOSE = "import"
# A form that comes back may not be larger than a request.
MOST_CHARACTERS = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Carried:
    files: list[File]
    tags: list[str]
    shown: str


def sealed(carried: Carried, account_id: int) -> str:
    """Raises TooLarge."""
    contents = [(file.path, base64.b64encode(file.content).decode()) for file in carried.files if not file.refused]
    whole = json.dumps(
        {"files": contents, "tags": carried.tags, "shown": carried.shown, "for": [account_id, queries.project()]}
    )
    packed = base64.b64encode(zlib.compress(whole.encode())).decode()
    token = _keys().seal(f"{_PURPOSE} {packed}")
    if len(token) > MOST_CHARACTERS:
        raise TooLarge(_("This is too much for one look. Import it in parts, or with the command flask job import."))
    return token


def opened(token: str, account_id: int) -> Carried:
    """Raises InvalidRequest for what was not sealed for this person in this project."""
    try:
        purpose, space, packed = _keys().open(token).partition(" ")
    except (CannotOpen, UnicodeError):
        purpose = packed = ""
    if purpose != _PURPOSE or not packed:
        raise _unknown()
    whole = json.loads(zlib.decompress(base64.b64decode(packed)))
    if whole["for"] != [account_id, queries.project()]:
        raise _unknown()
    files = [File(path, base64.b64decode(content)) for path, content in whole["files"]]
    return Carried(files, whole["tags"], whole["shown"])


def without_refused(files: Sequence[File]) -> list[File]:
    return [file for file in files if not file.refused]


def _unknown() -> InvalidRequest:
    return InvalidRequest(_("These files were not looked at here. Choose them again."))


def _keys() -> Keyring:
    keys: Keyring = current_app.extensions["keys"]
    return keys

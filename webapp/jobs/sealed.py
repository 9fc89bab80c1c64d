"""A job's document at rest: sealed as a task's is. It is opened in memory to see whether a save changes anything, and to be run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select, tuple_

from datax_job import document as documents
from datax_job.problem import DocumentError
from datax_job.redaction import MASK
from webapp.errors import InvalidRequest, Unavailable
from webapp.extensions import db
from webapp.jobs.models import SavedJobVersion
from webapp.sealing import cli, editing
from webapp.sealing import documents as sealing
from webapp.sealing.keys import CannotOpen, Keyring
from webapp.tasks import submission

# So many rows are sealed anew in one transaction.
ROWS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Plain:
    """A document and its parameters with their secrets. Never shown, never stored.

    `secret` are parameters that were secret before, and so stay it, whatever has become of the document.
    """

    text: str
    params: dict[str, Any]
    secret: frozenset[str] = field(default=frozenset(), compare=False)

    def params_of(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters that somebody gave, with the secrets that are here in place of masks. What they wrote themselves is never opened."""
        return {name: self.params[name] if value == MASK else value for name, value in given.items()}

    def sealed(self) -> dict[str, Any]:
        """The columns of a version."""
        content = self.text.encode()
        params = sealing.seal_parameters(_keys(), self.params, content, secret=self.secret)
        return {"content": sealing.seal(_keys(), content), "params": params}

    def is_same(self, other: "Plain") -> bool:
        """As JSON: Python takes true for 1, and 1 for 1.0."""
        return self.text == other.text and json.dumps(self.params, sort_keys=True) == json.dumps(
            other.params, sort_keys=True
        )


def opened(content: bytes, params: Mapping[str, Any]) -> Plain:
    """Raises Unavailable when the keys are not those that sealed it."""
    try:
        text, values = sealing.opened(_keys(), content).decode(), sealing.opened_parameters(_keys(), params)
    except CannotOpen as error:
        raise Unavailable(f"{error} {error.hint}") from None
    return Plain(text, values, frozenset(name for name, value in params.items() if editing.is_hidden(value)))


def written(text: str, params: Mapping[str, Any]) -> Plain:
    """What somebody wrote out. Raises InvalidRequest, TooLarge."""
    submission.limit_size(text.encode("utf-8", "surrogatepass"))
    if not text.isascii():
        _refuse_what_is_no_text(text)
    return Plain(text, dict(params))


def edited(text: str, params: Mapping[str, Any], content: bytes, before: Mapping[str, Any]) -> Plain:
    """What somebody made of a sealed document and its parameters: each mask stands for the secret that was there.

    Raises InvalidRequest for a mask that stands for nothing, TooLarge, and Unavailable.
    """
    written(text, params)
    try:
        old = content.decode()
        new = old if text == sealing.shown(content) else _completed(text, old)
        editing.completed_parameters(params, before, new, old)
    except DocumentError as error:
        raise submission.refused(error.problems) from None
    kept = opened(new.encode(), before)
    masked = frozenset(name for name, value in params.items() if value == MASK)
    return Plain(kept.text, kept.params_of(params), masked)


def same(one: SavedJobVersion, other: SavedJobVersion) -> bool:
    """Whether two versions hold the same document and values, their secrets included. Raises Unavailable."""
    return opened(one.content, one.params).is_same(opened(other.content, other.params))


@cli.keeps_secrets
def seal_anew(keys: Keyring) -> int:
    """Seal every version with the first key. Returns how many there were. Raises CannotOpen."""
    count, last = 0, ("", 0)
    place = tuple_(SavedJobVersion.job_id, SavedJobVersion.number)
    while rows := db.session.scalars(
        select(SavedJobVersion)
        .where(place > last)
        .order_by(SavedJobVersion.job_id, SavedJobVersion.number)
        .limit(ROWS_AT_ONCE)
    ).all():
        for row in rows:
            row.content = sealing.anew(keys, row.content.decode()).encode()
            row.params = {
                name: sealing.anew(keys, value) if isinstance(value, str) else value
                for name, value in row.params.items()
            }
        count, last = count + len(rows), (rows[-1].job_id, rows[-1].number)
        db.session.commit()
        db.session.expunge_all()
    return count


def _completed(text: str, old: str) -> str:
    """Raises DocumentError, InvalidRequest."""
    if sealing.LOOKS_SEALED.search(text):
        raise InvalidRequest("A document that keeps the secrets of another one may hold no ciphertext of its own.")
    if MASK in text and sealing.ciphertexts(old):
        _refuse_unreadable(text, old)
    return editing.completed(text, old)


def _refuse_unreadable(text: str, old: str) -> None:
    """Where a mask stands can only be told of two documents that can be read; guessing would lose a secret."""
    try:
        documents.parse(old)
    except DocumentError:
        detail = _("The version before cannot be read, so ****** stands for nothing: write the secrets out.")
        raise InvalidRequest(detail, [{"pointer": "/job", "line": None, "detail": detail}]) from None
    try:
        documents.parse(text)
    except DocumentError as error:
        detail = _("A document that cannot be read cannot keep the secrets behind ******. Correct this first:")
        raise submission.refused(error.problems, f"{detail} {submission.refused(error.problems).detail}") from None


def _refuse_what_is_no_text(text: str) -> None:
    """Half a character, or a byte that is not UTF-8, can be kept in no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        try:
            documents.parse(text)
        except DocumentError as error:
            raise submission.refused(error.problems) from None
        raise


def _keys() -> Keyring:
    keys: Keyring = current_app.extensions["keys"]
    return keys

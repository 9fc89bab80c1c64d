"""A job document without its secrets, and the secrets without their document."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from datax_job import document as documents
from datax_job import pointers, secret_places
from datax_job import secrets as secret_parts
from datax_job.masking import MASK, Masker
from datax_job.problem import DocumentError
from datax_job.secrets import PLACEHOLDER, is_secret_name, is_secret_value

__all__ = ["MASK", "Masker", "is_secret_name", "redact", "redact_parameters", "redact_text", "secrets"]


def redact(value: Any) -> Any:
    """A copy with `******` in place of each secret."""
    return _redacted(value, secret=False)


def redact_text(source: str | bytes) -> str:
    """A document's text with `******` in place of each secret; comments and layout stay.

    Any text will do. What is no document does not become one: there the mask stands without quotes.
    """
    text = (source.decode("utf-8", "replace") if isinstance(source, bytes) else source).removeprefix("\ufeff")
    pieces, at = [], 0
    for place in secret_places.find(text):
        # Quoted before a slash too, which with the mask's last star would end a comment.
        quoted = place.literal or text.startswith("/", place.end)
        pieces += [text[at : place.start], f'"{MASK}"' if quoted else MASK]
        at = place.end
    return "".join([*pieces, text[at:]])


def secret_parameters(params: Mapping[str, Any], source: str | bytes | None = None) -> set[str]:
    """The parameters that are secret: those named so, and those that fill a secret place of the document's text.

    Of a text that cannot be read nobody knows what they fill: then all are.
    """
    hidden = {name for name in params if is_secret_name(name)}
    if source is not None:
        try:
            hidden |= _names_in_secrets(documents.parse(source).value)
        except DocumentError:
            hidden |= set(params)
    return {name for name in hidden if is_secret_value(params.get(name))}


def redact_parameters(params: Mapping[str, Any], source: str | bytes | None = None) -> dict[str, Any]:
    """The values of parameters to show."""
    hidden = secret_parameters(params, source)
    return {name: MASK if name in hidden else _redacted(value, secret=False) for name, value in params.items()}


def secrets(value: Any) -> frozenset[str]:
    """The secret values themselves, as they may turn up in a log."""
    found: set[str] = set()
    for _, item, secret in secret_parts.found_in(value):
        if secret:
            found.add(item if isinstance(item, str) else json.dumps(item))
        elif isinstance(item, str):
            found.update(form for part in secret_parts.credentials(item) for form in _forms(part))
    return frozenset(found - {""})


def _forms(credential: str) -> tuple[str, ...]:
    """As it stands in its URL or SQL, and as it is meant: without braces, percent codes and doubled quotes."""
    bare = credential[1:-1] if credential.startswith("{") and credential.endswith("}") else credential
    return credential, bare, unquote(bare), bare.replace("''", "'")


def _redacted(value: Any, *, secret: bool) -> Any:
    if isinstance(value, dict):
        return {key: _redacted(each, secret=secret or is_secret_name(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [_redacted(each, secret=secret) for each in value]
    return _redacted_item(value, secret and is_secret_value(value))


def _redacted_item(value: Any, secret: bool) -> Any:
    if secret:
        return MASK
    return secret_parts.replaced(value, MASK) if isinstance(value, str) else value


def _names_in_secrets(document: Any) -> set[str]:
    """The parameters whose values become part of a secret once they are filled in."""
    names: set[str] = set()
    for pointer, item, _ in secret_parts.found_in(document):
        if not isinstance(item, str) or "$" not in item:
            continue
        if any(map(is_secret_name, pointers.split(pointer))):
            names |= {found[0][2:-1] for found in PLACEHOLDER.finditer(item)}
        else:
            names |= {name for part in secret_parts.credentials(item) for name in secret_parts.named(part)}
    return names

"""Documents and parameters with ciphertext in place of each secret, and back again.

A whole value becomes `"{sealed:v:…}"`, part of a text `{sealed:p:…}`; each holds the characters that stood there, so that
opening gives back the document byte for byte. Whatever looks like that in what somebody submits is sealed itself: so nobody
has a ciphertext opened by writing it into a document of his own.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from datax_job import redaction, secret_places
from datax_job.redaction import MASK
from datax_job.secret_places import Place
from webapp.sealing.keys import Keyring

_SEALED = re.compile(r'"\{sealed:v:(?P<value>[\w=-]+)\}"|\{sealed:p:(?P<part>[\w=-]+)\}')
LOOKS_SEALED = re.compile(r"\{sealed:[vp]:[\w=-]+\}")

# A ciphertext is far longer than a password, so a document of nothing but secrets is sealed as a whole.
MOST_PLACES = 500


def seal(keys: Keyring, content: bytes, kept: frozenset[str] = frozenset()) -> bytes:
    """`kept` are ciphertexts that this document may hold: those of the task that it was made of."""
    text = content.decode("utf-8", "surrogateescape")
    pieces, at = [], 0
    for place in _to_seal(text, kept):
        pieces += [text[at : place.start], _sealed(keys, text[place.start : place.end], place.literal)]
        at = place.end
        if len(pieces) > 2 * MOST_PLACES and not kept:
            return _sealed(keys, text, literal=False).encode()
    return "".join([*pieces, text[at:]]).encode("utf-8", "surrogateescape")


def ciphertexts(text: str) -> frozenset[str]:
    """All that a sealed text holds."""
    return frozenset(found["value"] or found["part"] for found in _SEALED.finditer(text))


def opened(keys: Keyring, content: bytes) -> bytes:
    """What was given to `seal`. Raises CannotOpen."""
    text = content.decode("utf-8", "surrogateescape")
    plain = _SEALED.sub(lambda found: keys.open(found["value"] or found["part"]), text)
    return plain.encode("utf-8", "surrogateescape")


def seal_parameters(
    keys: Keyring,
    params: Mapping[str, Any],
    content: bytes,
    kept: frozenset[str] = frozenset(),
    secret: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """`content` is the document that they fill, before it is sealed; `secret` are sealed whatever it says."""
    shown = redaction.redact_parameters(params, content)
    return {
        name: value
        if _is_kept(value, kept) or not (name in secret or _needs_seal(value, shown[name]))
        else _sealed(keys, json.dumps(value), literal=True)
        for name, value in params.items()
    }


def opened_parameters(keys: Keyring, params: Mapping[str, Any]) -> dict[str, Any]:
    """What was given to `seal_parameters`. Raises CannotOpen."""
    return {name: _opened_parameter(keys, value) for name, value in params.items()}


def shown(content: bytes) -> str:
    """A sealed document's text for people: a mask in place of each secret, no ciphertext."""
    return redaction.redact_text(_masked(content.decode("utf-8", "replace")))


def shown_parameters(params: Mapping[str, Any], content: bytes) -> dict[str, Any]:
    masked = {name: MASK if _is_sealed(value) else value for name, value in params.items()}
    return redaction.redact_parameters(masked, content)


def anew(keys: Keyring, text: str) -> str:
    """The same text, its secrets sealed with the first key. Raises CannotOpen."""

    def again(found: re.Match[str]) -> str:
        token = found["value"] or found["part"]
        return found[0].replace(token, keys.anew(token))

    return _SEALED.sub(again, text)


def _to_seal(text: str, kept: frozenset[str]) -> Iterator[Place]:
    """The secrets, and between them what only looks like a ciphertext. What holds a ciphertext that is kept, stays."""
    at = 0
    for place in [*secret_places.find(text), Place(len(text), len(text))]:
        for found in LOOKS_SEALED.finditer(text, at, place.start):
            if not _holds(found[0], kept):
                yield Place(found.start(), found.end())
        at = place.end
        if place.end > place.start and not _holds(text[place.start : place.end], kept):
            yield place


def _holds(text: str, kept: frozenset[str]) -> bool:
    return bool(kept) and not kept.isdisjoint(ciphertexts(f'"{text}"') | ciphertexts(text))


def _is_kept(value: Any, kept: frozenset[str]) -> bool:
    return _is_sealed(value) and _holds(str(value), kept)


def _needs_seal(value: Any, shown: Any) -> bool:
    return shown != value or (isinstance(value, str) and LOOKS_SEALED.search(value) is not None)


def _sealed(keys: Keyring, plain: str, literal: bool) -> str:
    token = keys.seal(plain)
    return f'"{{sealed:v:{token}}}"' if literal else f"{{sealed:p:{token}}}"


def _masked(text: str) -> str:
    return _SEALED.sub(lambda found: f'"{MASK}"' if found["value"] else MASK, text)


def _is_sealed(value: Any) -> bool:
    return isinstance(value, str) and _SEALED.fullmatch(value) is not None


def _opened_parameter(keys: Keyring, value: Any) -> Any:
    found = _SEALED.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else json.loads(keys.open(found["value"] or found["part"]))

"""An edited document whose masks stand for the secrets of the document that it was made of.

The secrets stay sealed. A mask is what it was before only where it was before, in a reader or writer that still connects to the
same place: else an editor could send somebody's password to a server of his own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from datax_job import document as documents
from datax_job import pointers
from datax_job.document import Document
from datax_job.problem import DocumentError, Problem, Text
from datax_job.redaction import MASK
from webapp.policy import hosts, parts
from webapp.sealing.documents import LOOKS_SEALED

_UNKNOWN = "****** stands for no secret of the task or job that this document comes from; write the value out"
_MOVED = (
    "****** stands for a secret of another address; it is kept only while the address stays, so write the value out"
)


def completed(edited: str, before: str) -> str:
    """`edited` with ciphertext in place of masks. `before` is a sealed document. Raises DocumentError for a mask that stands for nothing.

    What cannot be read stays as it is: it will not run.
    """
    try:
        new, old = documents.parse(edited), documents.parse(before)
    except DocumentError:
        return edited
    masked = [(pointer, text) for pointer, text in pointers.strings(new.value) if MASK in text]
    problems = [new.problem(pointer, text) for pointer, text in _unkept(masked, new.value, old.value)]
    if problems:
        raise DocumentError(problems)
    return _spliced(new, old, [pointer for pointer, _ in masked])


def completed_parameters(edited: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with ciphertext in place of masks. `before` are sealed ones. Raises DocumentError for a mask that stands for nothing."""
    unknown = [name for name, value in edited.items() if value == MASK and not _hidden(before.get(name))]
    if unknown:
        raise DocumentError([Problem(f"/params/{pointers.escape(name)}", Text(_UNKNOWN)) for name in unknown])
    return {name: before[name] if value == MASK else value for name, value in edited.items()}


def _unkept(masked: list[tuple[str, str]], new: Any, old: Any) -> Iterator[tuple[str, Text]]:
    for pointer, text in masked:
        try:
            before = pointers.find(old, pointer)
        except KeyError:
            before = None
        if not isinstance(before, str) or before == text or LOOKS_SEALED.sub(MASK, before) != text:
            yield pointer, Text(_UNKNOWN)
        elif _addresses(new, pointer) != _addresses(old, pointer):
            yield pointer, Text(_MOVED)


def _addresses(job: Any, pointer: str) -> set[tuple[str, str]]:
    """What the reader or writer around a place connects to. Elsewhere there is nothing to connect to."""
    for part in parts.of(job):
        if pointer.startswith(f"{part.pointer}/"):
            found = {(place, LOOKS_SEALED.sub(MASK, text)) for place, text in hosts.addresses(part)}
            return found | {("name", part.name)}
    return set()


def _spliced(new: Document, old: Document, places: list[str]) -> str:
    text, pieces, at = new.text, [], 0
    for start, pointer in sorted((new.places.start(pointer), pointer) for pointer in places):
        began = old.places.start(pointer)
        pieces += [text[at:start], old.text[began : old.places.end(began)]]
        at = new.places.end(start)
    return "".join([*pieces, text[at:]])


def _hidden(value: Any) -> bool:
    return isinstance(value, str) and LOOKS_SEALED.search(value) is not None

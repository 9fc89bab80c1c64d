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
from datax_job.secrets import named
from webapp.policy import hosts, parts
from webapp.sealing.documents import LOOKS_SEALED

_UNKNOWN = "****** stands for no secret of the task or job that this document comes from; write the value out"
_MOVED = (
    "****** stands for a secret of another address; it is kept only while the address stays, so write the value out"
)
_ELSEWHERE = (
    "****** stands for a secret that this document uses at another place or for another address; write the value out"
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


def completed_parameters(
    edited: Mapping[str, Any], before: Mapping[str, Any], job: str, job_before: str
) -> dict[str, Any]:
    """Parameters with ciphertext in place of masks. `before` are sealed ones; each two fill the sealed document beside them.

    Raises DocumentError for a mask that stands for nothing, or for a secret that would now go somewhere else.
    """
    masked = [name for name, value in edited.items() if value == MASK]
    new, old = (_uses(text, masked) if masked else {} for text in (job, job_before))
    refused = [unknown(name) for name in masked if not is_hidden(before.get(name))]
    refused += [_problem(name, _ELSEWHERE) for name in masked if new[name] and new[name] != old[name]]
    if refused:
        raise DocumentError(refused)
    return {name: before[name] if name in masked else value for name, value in edited.items()}


def unknown(name: str) -> Problem:
    """What is said of a mask as the value of a parameter that is no secret."""
    return _problem(name, _UNKNOWN)


def _problem(name: str, said: str) -> Problem:
    return Problem(f"/params/{pointers.escape(name)}", Text(said))


def _uses(job: str, names: list[str]) -> dict[str, set[tuple[str, str, frozenset[tuple[str, str]]]]]:
    """Where a document has the places of parameters: the pointer, the text around, and what that goes to.

    What cannot be read has none: it will not run.
    """
    found: dict[str, set[tuple[str, str, frozenset[tuple[str, str]]]]] = {name: set() for name in names}
    try:
        value = documents.parse(job).value
    except DocumentError:
        return found
    for pointer, text in pointers.strings(value):
        for name in named(text) & found.keys():
            found[name].add((pointer, LOOKS_SEALED.sub(MASK, text), frozenset(_addresses(value, pointer))))
    return found


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


def is_hidden(value: Any) -> bool:
    """Whether a stored parameter is a secret."""
    return isinstance(value, str) and LOOKS_SEALED.search(value) is not None

"""What is wrong with a saved job, and what a run must have values for."""

from dataclasses import dataclass
from typing import Any

from datax_job import document as documents
from datax_job import parameters
from datax_job import secrets as secret_parts
from datax_job.document import Document
from datax_job.problem import DocumentError, Problem, Text
from datax_job.redaction import MASK
from webapp.errors import Unavailable
from webapp.jobs import sealed
from webapp.jobs.models import SavedJobVersion
from webapp.jobs.sealed import Plain
from webapp.sealing import documents as sealing
from webapp.tasks import schemas, validation

MASKED = Text("****** is no secret but the mask of one; edit the job and write the secret out")


@dataclass(frozen=True, slots=True)
class Looked:
    """`places` are the names that a run must have values for, those of the document first, then what else has a value."""

    places: list[str]
    problems: list[Problem]

    def findings(self, most: int | None = None) -> list[dict[str, Any]]:
        """In the language of whoever asks."""
        return [schemas.finding(problem) for problem in self.problems[:most]]

    @property
    def runnable(self) -> bool:
        return not validation.faulty(self.problems)


def look(version: SavedJobVersion) -> Looked:
    """Every finding stands at its place in the document as people see it: with masks."""
    shown = sealing.shown(version.content)
    _, problems = validation.looked_at(shown.encode(), None, version.options.get("engine", "auto"))
    try:
        plain = sealed.opened(version.content, version.params)
    except Unavailable as error:
        return Looked(sorted(version.params), [*problems, Problem("", Text(error.detail))])
    document = read(plain.text)
    if document is None:
        return Looked(sorted(version.params), problems)
    seen = read(shown) or document
    masks = [seen.problem(place, MASKED) for place in masked(document)]
    return Looked(places(document, plain), [*masks, *problems])


def places(document: Document, plain: Plain) -> list[str]:
    return list(dict.fromkeys([*parameters.required(document.value), *plain.params]))


def masked(document: Document) -> list[str]:
    """Where a mask stands in place of a secret that was never written out: the file came from an export of another server."""
    return [
        pointer
        for pointer, item, secret in secret_parts.found_in(document.value)
        if isinstance(item, str)
        and MASK in item
        and (secret and item == MASK or MASK in secret_parts.credentials(item))
    ]


def read(text: str) -> Document | None:
    try:
        return documents.parse(text)
    except DocumentError:
        return None

"""Documents with connections in place of the names of data sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datax_job import document as documents
from datax_job import parameters
from datax_job.document import Document
from datax_job.problem import DocumentError, Problem
from webapp.datasources import references, service
from webapp.datasources.references import Lookup


@dataclass(frozen=True, slots=True)
class Checkable:
    """A document as the static check wants it, its parameters, and what is wrong with its references."""

    document: Document
    params: Mapping[str, Any] | None
    problems: list[Problem]


def checkable(document: Document, params: Mapping[str, Any] | None) -> Checkable:
    """Connections stand in place of names, their passwords masked; parameters that only named them are gone with the names."""
    if not references.used(document.value):
        return Checkable(document, params, [])
    resolved = Document(document.text, references.resolved(document.value, params, service.masked))
    named = parameters.placeholders(document.value).keys() - parameters.placeholders(resolved.value).keys()
    left = None if params is None else {name: value for name, value in params.items() if name not in named}
    return Checkable(resolved, left, references.problems(document, params, service.masked))


def filled(document: Document, params: Mapping[str, Any], look_up: Lookup) -> dict[str, Any]:
    """The document's value with its parameters filled first, so that none reaches into a data source."""
    value: dict[str, Any] = parameters.fill(document.value, params)
    return references.resolved(value, {}, look_up) if references.used(value) else value


def whole(job: dict[str, Any] | str | bytes, params: Mapping[str, Any]) -> dict[str, Any]:
    """What a document would run, its passwords masked; empty for one that cannot be read."""
    try:
        return filled(documents.parse(job), params, service.masked)
    except DocumentError:
        return {}

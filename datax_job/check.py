"""The static check of a job document: everything that can be known of it without starting anything."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Literal

from datax_job import advice, parameters, rules
from datax_job.document import Document
from datax_job.finding import MOST_FINDINGS, Finding
from datax_job.problem import Problem, Severity
from datax_job.view import Job

Dialect = Literal["datax", "addax"]

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.ADVICE: 2}


def check(
    document: Document,
    params: Mapping[str, Any] | None = None,
    extra_plugins: Collection[str] = frozenset(),
    dialect: Dialect = "datax",
    channel_limits: Collection[str] = frozenset(),
) -> list[Problem]:
    """What is wrong with a document, errors first, each kind in the order of the text.

    Without `params` a `${name}` is not known yet and is no problem. `extra_plugins` are installed ones that the catalogue lacks.
    A document in Addax's dialect is held to what is the same in both. `channel_limits` are the units (`byte`, `record`) of which the
    installed DataX has a limit of its own for one channel.
    """
    missing = [] if params is None else parameters.missing(document, params)
    value = parameters.fill(document.value, params) if params else document.value
    job = Job(value, frozenset(extra_plugins), frozenset(channel_limits))
    problems = missing + [document.problem(each.pointer, each.text, each.severity) for each in _findings(job, dialect)]
    return sorted(problems, key=_order)


def _findings(job: Job, dialect: Dialect) -> Iterator[Finding]:
    for rule in (*(rules.FOR_ADDAX if dialect == "addax" else rules.ALL), *advice.ALL):
        yield from _bounded(rule(job))


def _bounded(findings: Iterable[Finding]) -> Iterator[Finding]:
    """As many of each severity as anybody reads: however many warnings there are, they leave no error out."""
    told: Counter[Severity] = Counter()
    for finding in findings:
        told[finding.severity] += 1
        if told[finding.severity] <= MOST_FINDINGS:
            yield finding
        elif finding.severity is Severity.ERROR:
            return


def _order(problem: Problem) -> tuple[int, int, int, str, str]:
    return _RANK[problem.severity], problem.line or 0, problem.column or 0, problem.pointer, problem.text.template

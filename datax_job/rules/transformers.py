"""The arguments of transformers."""

from collections.abc import Iterator

from datax_job.finding import Finding
from datax_job.problem import Text
from datax_job.view import Job, Part, unfilled

# How many `paras` each takes, and what they are.
ARGUMENTS = {
    "dx_substr": (2, "start, length"),
    "dx_pad": (3, '"l" or "r", length, filling character'),
    "dx_replace": (3, "start, length, new text"),
    "dx_filter": (2, "operator, value"),
    "dx_digest": (2, '"md5" or "sha1", "toUpperCase" or "toLowerCase"'),
}
OPERATORS = ("like", "not like", ">", "<", "=", "==", "!=", ">=", "<=")


def arguments(job: Job) -> Iterator[Finding]:
    """Wrong arguments stop a job at its first row, or drop each row as a bad record."""
    for part in job.parts:
        paras = part.parameter.get("paras")
        if part.kind != "transformer" or part.name not in ARGUMENTS or not isinstance(paras, list):
            continue
        count, meaning = ARGUMENTS[part.name]
        if len(paras) != count:
            values = {"name": part.name, "count": count, "meaning": meaning}
            yield Finding(part.at("paras"), Text("%(name)s takes %(count)d paras: %(meaning)s", values))
        yield from _texts(part, paras)
        yield from _operator(part, paras)


def _texts(part: Part, paras: list[object]) -> Iterator[Finding]:
    # DataX copies them into an array of strings, which anything else breaks.
    for at, para in enumerate(paras):
        if not isinstance(para, str):
            yield Finding(part.at("paras", at), Text("each of the paras is a text: put it in quotes"))


def _operator(part: Part, paras: list[object]) -> Iterator[Finding]:
    operator = paras[0] if part.name == "dx_filter" and paras else None
    if isinstance(operator, str) and not unfilled(operator) and operator.lower() not in OPERATORS:
        text = Text("dx_filter has no such operator; it is one of: %(operators)s", {"operators": ", ".join(OPERATORS)})
        yield Finding(part.at("paras", 0), text)

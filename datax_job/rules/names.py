"""The names of plugins."""

from collections.abc import Iterator

from datax_job import catalogue
from datax_job.finding import Finding, meant, shown
from datax_job.problem import Severity, Text
from datax_job.view import Job, Part


def known_plugins(job: Job) -> Iterator[Finding]:
    """A plugin that is not there stops DataX at its start (Framework-12).

    A transformer may be the user's own, but then its name must not begin with dx_.
    """
    for part in job.parts:
        if part.plugin or part.name in job.installed:
            continue
        own = part.kind == "transformer" and not part.name.startswith("dx_") and not _misplaced(part)
        severity = Severity.WARNING if own else Severity.ERROR
        yield Finding(part.pointer + "/name", _unknown(part, job), severity)


def _misplaced(part: Part) -> bool:
    return part.name in catalogue.plugins()


def _unknown(part: Part, job: Job) -> Text:
    values = {"name": shown(part.name), "kind": part.kind}
    if _misplaced(part):
        other = catalogue.plugin(part.name).kind
        return Text("%(name)s is a %(other)s and cannot be used as %(kind)s", {**values, "other": other})
    if right := _meant(part, job):
        return Text("there is no %(kind)s %(name)r; did you mean %(right)r?", {**values, "right": right})
    return Text("there is no %(kind)s %(name)r", values)


def _meant(part: Part, job: Job) -> str | None:
    """Compared without the ending, which makes all readers look alike."""
    known = {plugin.name for plugin in catalogue.plugins().values() if plugin.kind == part.kind}
    known |= {name for name in job.installed if name.endswith(part.kind)}
    stems = {name.lower().removesuffix(part.kind): name for name in sorted(known)}
    right = meant(part.name.lower().removesuffix(part.kind), stems)
    return stems[right] if right else meant(part.name, known, least=0.9)

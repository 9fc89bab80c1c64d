"""The parameters of each plugin against the catalogue."""

from collections.abc import Iterator, Mapping
from typing import Any

from datax_job.catalogue import Parameter
from datax_job.finding import Finding, is_remark, meant, shown
from datax_job.pointers import child
from datax_job.problem import Severity, Text
from datax_job.view import Job, objects, unfilled

# Told of by another rule where they stand beside the connection.
IN_CONNECTION = ("jdbcUrl", "table", "querySql")

_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}

Level = tuple[str, dict[str, Any], Mapping[str, Parameter], bool]


def required(job: Job) -> Iterator[Finding]:
    """A plugin refuses to start without these. The place is that of the object that lacks it."""
    for pointer, given, known, _ in _levels(job):
        for parameter in known.values():
            if parameter.required and given.get(parameter.name) is None:
                text = Text("%(name)s is missing: %(doc)s", {"name": parameter.name, "doc": parameter.doc()})
                yield Finding(child(pointer, parameter.name) if parameter.name in given else pointer, text)


def known(job: Job) -> Iterator[Finding]:
    """DataX passes over a parameter that it does not know: a slip such as `splitPK` has no effect and no message."""
    for pointer, given, known, is_open in _levels(job):
        for name in given:
            if name in known or is_remark(name) or ("connection" in known and name in IN_CONNECTION):
                continue
            right = meant(name, known)
            if right or not is_open:
                yield Finding(child(pointer, name), _unknown(name, right), Severity.WARNING)


def usable(job: Job) -> Iterator[Finding]:
    """A value of another type, or outside the choices, stops the plugin, often with a Java class cast that names no parameter."""
    for pointer, given, known, is_open in _levels(job):
        for name, value in given.items():
            if name not in known or unfilled(value):
                continue
            if not known[name].accepts(value):
                yield Finding(child(pointer, name), _wrong_type(known[name], value))
            elif not known[name].allows(value):
                severity = Severity.WARNING if is_open else Severity.ERROR
                yield Finding(child(pointer, name), _no_choice(known[name], value), severity)


def _levels(job: Job) -> Iterator[Level]:
    """Each object of parameters: that of the plugin, then those in its connections."""
    for part in job.parts:
        if part.plugin is None:
            continue
        yield part.at(), part.parameter, part.plugin.parameters, part.plugin.open
        for parameter in part.plugin.parameters.values():
            if parameter.members:
                for at, member in objects(part.parameter.get(parameter.name)):
                    yield part.at(parameter.name, at), member, parameter.members, part.plugin.open


def _unknown(name: str, right: str | None) -> Text:
    if right:
        template = "%(name)r is not known and has no effect; did you mean %(right)r?"
        return Text(template, {"name": shown(name), "right": right})
    return Text("%(name)r is not known and has no effect", {"name": shown(name)})


def _wrong_type(parameter: Parameter, value: Any) -> Text:
    values = {"name": parameter.name, "type": " or ".join(_NAMES[name] for name in parameter.types)}
    if "array" in parameter.types and isinstance(value, str | int | float):
        return Text("%(name)s must be a list: put it in square brackets", values)
    if "string" in parameter.types and isinstance(value, list):
        return Text("%(name)s must be one text, not a list: remove the square brackets", values)
    return Text("%(name)s must be %(type)s", values)


def _no_choice(parameter: Parameter, value: str) -> Text:
    choices = ", ".join(choice.rstrip("*") for choice in parameter.choices)
    values = {"name": parameter.name, "value": shown(value), "choices": choices}
    return Text("%(name)s cannot be %(value)r; it is one of: %(choices)s", values)

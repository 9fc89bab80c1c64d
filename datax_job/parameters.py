"""Values for the `${name}` places of a job document.

DataX pastes them into the text before it reads it, so a quote in a value breaks the document, or says something else. Here
they go into string values that have been read already: nothing in a value can get out of its string.

`$name` is a place too, as in DataX, but only where a value of that name is given: a dollar sign has many other uses.
In a secret it never is one; a password may hold any character.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from datax_job import pointers
from datax_job.document import Document
from datax_job.finding import MOST_FINDINGS, Finding, shown
from datax_job.problem import Problem, Severity, Text
from datax_job.secrets import PLACE, is_secret_name, named

# What stands between the braces is the name, whatever it is: `${day}`, `${biz.date}`, `${日期}`.
BRACED = re.compile(r"\$\{([^${}\r\n]+)\}")

# Groovy has a `${name}` of its own.
_CODE = "code"


def placeholders(value: Any) -> dict[str, list[str]]:
    """The names of the `${name}` places, each with the pointers of the strings that hold it."""
    found: dict[str, dict[str, None]] = {}
    for pointer, name in _braced(value):
        found.setdefault(name, {})[pointer] = None
    return {name: list(places) for name, places in found.items()}


def required(value: Any) -> list[str]:
    """The names of the places without which a document cannot run, in its order."""
    return [name for name, places in placeholders(value).items() if Severity.ERROR in map(_severity, places)]


def used(value: Any) -> set[str]:
    """The parameters that would be filled into a document, if they were given."""
    return {name for _, text in pointers.strings(value) if "$" in text for name in named(text)}


def fill(value: Any, params: Mapping[str, Any]) -> Any:
    """A copy with the given values in their places. What has no value stays; what has been filled in is not looked at again."""
    texts = {name: text(given) for name, given in params.items()}
    return _filled(value, texts, secret=False)


def text(value: Any) -> str:
    """A parameter's value as it stands in a string: a string as it is, the rest as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def missing(document: Document, params: Mapping[str, Any]) -> list[Problem]:
    """An error for each string whose place has no value, a warning for each value that has no place."""
    return [
        document.problem(finding.pointer, finding.text, finding.severity)
        for found in (_unfilled(document.value, params), _in_names(document.value), _unused(document.value, params))
        for finding in islice(found, MOST_FINDINGS)
    ]


def _unfilled(value: Any, params: Mapping[str, Any]) -> Iterator[Finding]:
    for name, places in placeholders(value).items():
        if name not in params:
            text = Text("no value is given for the parameter ${%(name)s}", {"name": shown(name)})
            yield from (Finding(pointer, text, _severity(pointer)) for pointer in places)


def _in_names(value: Any, pointer: str = "") -> Iterator[Finding]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        place = pointers.child(pointer, key)
        if isinstance(key, str) and (found := BRACED.search(key)):
            template = "${%(name)s} stands in a name; parameters are filled in values only"
            yield Finding(place, Text(template, {"name": shown(found[1])}))
        if isinstance(member, dict | list):
            yield from _in_names(member, place)


def _unused(value: Any, params: Mapping[str, Any]) -> Iterator[Finding]:
    places = used(value) if params else set()
    template = "the parameter %(name)r has no place in the document; write ${%(name)s} where it belongs"
    for name in params:
        if name not in places:
            yield Finding("", Text(template, {"name": shown(name)}), Severity.WARNING)


def _severity(pointer: str) -> Severity:
    return Severity.WARNING if pointers.split(pointer)[-1:] == [_CODE] else Severity.ERROR


def _braced(value: Any) -> Iterator[tuple[str, str]]:
    for pointer, string in pointers.strings(value):
        if "$" in string:
            yield from ((pointer, found[1]) for found in BRACED.finditer(string))


def _filled(value: Any, texts: Mapping[str, str], *, secret: bool) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each, texts, secret=secret or is_secret_name(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, texts, secret=secret) for each in value]
    if isinstance(value, str) and "$" in value:
        pattern = BRACED if secret else PLACE
        return pattern.sub(lambda found: texts.get(found[1] or found[2], found[0]), value)
    return value

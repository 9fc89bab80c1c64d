"""Whether jobs may bring SQL of their own."""

from collections.abc import Collection, Iterator
from typing import Any

from datax_job import pointers
from datax_job.problem import Text
from webapp.policy.parts import Part, Refusal


def refused(parts: list[Part], denied: Collection[str]) -> Iterator[Refusal]:
    if not denied:
        return
    for part in parts:
        for pointer, key in _members(part.parameter, f"{part.pointer}/parameter"):
            if key in denied:
                template = "jobs may not bring %(name)s; the setting DENIED_SQL says so"
                yield pointer, Text(template, {"name": key})


def _members(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """The names of all members that are not empty."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        place = pointers.child(pointer, key)
        if isinstance(key, str) and member:
            yield place, key
        yield from _members(member, place)

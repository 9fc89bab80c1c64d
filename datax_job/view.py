"""A job document as the rules look at it: its well-formed parts, whatever the rest is like."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from datax_job import catalogue
from datax_job.catalogue import Kind, Plugin
from datax_job.pointers import join

# No job has as many connections or contents; a document made to keep the check busy has.
_MOST_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """A reader, writer or transformer. `plugin` is None when the catalogue does not know it as this kind."""

    kind: Kind
    pointer: str
    name: str
    parameter: dict[str, Any]
    plugin: Plugin | None

    def at(self, *keys: str | int) -> str:
        """The pointer of one of its parameters."""
        return self.pointer + "/parameter" + join(keys)

    @property
    def family(self) -> str:
        return self.plugin.family if self.plugin else ""

    @property
    def connections(self) -> Iterator[tuple[int, dict[str, Any]]]:
        return objects(self.parameter.get("connection"))

    @property
    def urls(self) -> Iterator[tuple[str, str]]:
        """Every JDBC URL with its pointer."""
        for at, connection in self.connections:
            given = connection.get("jdbcUrl")
            if isinstance(given, str):
                yield self.at("connection", at, "jdbcUrl"), given
            for number, url in enumerate(given if isinstance(given, list) else ()):
                if isinstance(url, str):
                    yield self.at("connection", at, "jdbcUrl", number), url

    @property
    def columns(self) -> list[Any] | None:
        """The columns where they are told one by one, None where they are not."""
        given = self.parameter.get("column")
        return given if isinstance(given, list) and given and "*" not in given else None


@dataclass(frozen=True)
class Job:
    """`value` is the document with its parameters filled; `installed` are plugins that are there though the catalogue lacks them.

    `limited` names the units by which the installation itself limits a channel.
    """

    value: dict[str, Any]
    installed: frozenset[str] = field(default_factory=frozenset)
    limited: frozenset[str] = field(default_factory=frozenset)

    def get(self, *keys: str) -> Any:
        value: Any = self.value
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def whole(self, *keys: str) -> int | None:
        """A whole number there, also one in quotes. None where there is none, or a place not filled yet."""
        value = self.get(*keys)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 19:
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @cached_property
    def contents(self) -> list[tuple[str, dict[str, Any]]]:
        return [(f"/job/content/{at}", each) for at, each in objects(self.get("job", "content"))]

    @cached_property
    def pairs(self) -> list[tuple[Part, Part]]:
        """The reader and writer of each content, where both are well-formed."""
        sides = [(_side(content, at, "reader"), _side(content, at, "writer")) for at, content in self.contents]
        return [(reader, writer) for reader, writer in sides if reader and writer]

    @cached_property
    def parts(self) -> list[Part]:
        return [part for at, content in self.contents for part in _parts(content, at)]

    def sides(self, kind: Kind, *families: str) -> Iterator[Part]:
        """The readers or writers of these families."""
        return (part for part in self.parts if part.kind == kind and part.family in families)


def unfilled(value: Any) -> bool:
    """Whether a value still holds the place of a parameter, so that nothing can be said of it."""
    return isinstance(value, str) and "${" in value


def objects(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a list, with their numbers."""
    listed = islice(value if isinstance(value, list) else (), _MOST_LOOKED_AT)
    return ((at, each) for at, each in enumerate(listed) if isinstance(each, dict))


def _parts(content: dict[str, Any], at: str) -> Iterator[Part]:
    yield from (part for part in (_side(content, at, "reader"), _side(content, at, "writer")) if part)
    steps = content.get("transformer")
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if part := _part(step, f"{at}/transformer/{number}", "transformer"):
            yield part


def _side(content: dict[str, Any], at: str, kind: Kind) -> Part | None:
    return _part(content.get(kind), f"{at}/{kind}", kind)


def _part(value: Any, pointer: str, kind: Kind) -> Part | None:
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str) or unfilled(name):
        return None
    parameter = value.get("parameter")
    known = catalogue.plugins().get(name)
    plugin = known if known and known.kind == kind else None
    return Part(kind, pointer, name, parameter if isinstance(parameter, dict) else {}, plugin)

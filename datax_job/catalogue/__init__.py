"""Every plugin that DataX's public source ships, and Addax's SQLite ones: what it does and which parameters it takes.

The data are the JSON files beside this one. `glossary` says once what a parameter name means, wherever it is used.
A parameter's types are those that DataX itself can use: a number in quotes is a number to it, see `accepts`.
"""

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

Kind = Literal["reader", "writer", "transformer"]
KINDS: Mapping[Kind, str] = {"reader": "readers.json", "writer": "writers.json", "transformer": "transformers.json"}

# Written into a template even where a plugin could do without them, unless its example says null.
_USUAL = {"column", "jdbcUrl", "table"}

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")


@dataclass(frozen=True, slots=True)
class Parameter:
    """`members` are those of each object in a list, `choices` all that is accepted; one that ends in * is a beginning."""

    name: str
    types: tuple[str, ...]
    docs: Mapping[str, str]
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    members: Mapping[str, "Parameter"] = field(default_factory=dict)

    def doc(self, language: str = "en") -> str:
        return self.docs["zh" if language.startswith("zh") else "en"]

    def accepts(self, value: Any) -> bool:
        """Whether DataX can make one of the types of it. Null is as good as nothing."""
        return value is None or any(_IS[name](value) for name in self.types)

    def allows(self, value: Any) -> bool:
        """Whether a text is one of the choices. Blank is as good as nothing."""
        if not self.choices or not isinstance(value, str) or not value.strip():
            return True
        given = value.strip().lower()
        return any(
            given.startswith(choice[:-1].lower()) if choice.endswith("*") else given == choice.lower()
            for choice in self.choices
        )


@dataclass(frozen=True, slots=True)
class Plugin:
    """`open` means that it takes further parameters, which are not listed here."""

    name: str
    kind: Kind
    family: str
    docs: Mapping[str, str]
    parameters: Mapping[str, Parameter]
    open: bool = False

    def doc(self, language: str = "en") -> str:
        return self.docs["zh" if language.startswith("zh") else "en"]

    def template(self) -> dict[str, Any]:
        """The plugin's part of a new job document: what is required and what is usual, filled with examples."""
        own = _data("examples.json").get(self.name, {})
        usual = {name for name in _USUAL | own.keys() if own.get(name, name) is not None}
        names = [name for name, about in self.parameters.items() if about.required or name in usual]
        return {"name": self.name, "parameter": {name: _example(self.parameters[name], own) for name in names}}


@cache
def plugins() -> Mapping[str, Plugin]:
    """All plugins by name: readers, writers, transformers."""
    return MappingProxyType(
        {entry["name"]: _plugin(entry, kind) for kind, file in KINDS.items() for entry in _data(file)}
    )


def plugin(name: str) -> Plugin:
    """Raises KeyError for a name that is not in the catalogue."""
    return plugins()[name]


@cache
def document() -> Mapping[str, Parameter]:
    """What a job document itself may say, above its plugins' parameters."""
    return MappingProxyType({name: _key(name, given) for name, given in _data("document.json").items()})


def _key(name: str, given: dict[str, Any]) -> Parameter:
    members = {member: _key(member, about) for member, about in given.get("members", {}).items()}
    return Parameter(
        name,
        tuple(given["types"]),
        _docs(given),
        given.get("required", False),
        given.get("default"),
        members=MappingProxyType(members),
    )


def _plugin(entry: dict[str, Any], kind: Kind) -> Plugin:
    parameters = {name: _parameter(name, given) for name, given in entry["parameters"].items()}
    return Plugin(
        entry["name"], kind, entry["family"], _docs(entry), MappingProxyType(parameters), entry.get("open", False)
    )


def _parameter(name: str, given: dict[str, Any]) -> Parameter:
    meaning = _data("glossary.json")[name]
    members = _data("connections.json")[given["members"]] if "members" in given else {}
    return Parameter(
        name,
        tuple(given.get("types", meaning["types"])),
        _docs(meaning),
        given.get("required", False),
        given.get("default"),
        tuple(given.get("choices", ())),
        MappingProxyType({member: _parameter(member, about) for member, about in members.items()}),
    )


def _docs(entry: dict[str, Any]) -> Mapping[str, str]:
    return MappingProxyType({"en": entry["en"], "zh": entry["zh"]})


def _example(parameter: Parameter, own: Mapping[str, Any]) -> Any:
    if parameter.members:
        members = parameter.members.items()
        return [{name: _example(about, own) for name, about in members if about.required or name in _USUAL}]
    general = _data("examples.json")["*"]
    value = own.get(parameter.name, parameter.default)
    value = general.get(parameter.name) if value is None else value
    if value is None:
        value = parameter.choices[0] if parameter.choices else _EMPTY[parameter.types[0]]
    return [value] if parameter.types[0] == "array" and not isinstance(value, list) else copy.deepcopy(value)


@cache
def _data(file: str) -> Any:
    return json.loads(resources.files(__name__).joinpath(file).read_text(encoding="utf-8"))


def _is_integer(value: Any) -> bool:
    if isinstance(value, str):
        return _INTEGER.fullmatch(value) is not None
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return _NUMBER.fullmatch(value.strip()) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and value.lower() in ("true", "false"))


# DataX makes a text of any plain value, a number or a truth value of the text that says it, and a list of nothing but a list.
_IS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str | int | float),
    "integer": _is_integer,
    "number": _is_number,
    "boolean": _is_boolean,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_EMPTY: Mapping[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}

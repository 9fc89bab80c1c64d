"""Every regular expression of the code, and the texts that would make a careless one run for hours."""

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants, _parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import datax_job
import webapp

# Started by hand only: importing them starts something.
NOT_IMPORTED = {"webapp.local.__main__", "webapp.local.gunicorn"}

# What repeats in an attack: characters that patterns treat differently, and the marks between which things nest.
PUMPS = tuple("a0Z_ \t\n\r/*\\\"'${}()[]<>:;@&=?.,-+#%|`^~\x00é中") + (
    "/*",
    "*/",
    "//",
    "://",
    "\\\\",
    '\\"',
    "''",
    "${",
    "${a}",
    "a.",
    "a=",
    "a:",
    "1e",
    " a",
    "password=",
    "jdbc:",
    "Caused by: ",
    "\r\n",
)


def patterns() -> dict[str, re.Pattern[Any]]:
    """Each compiled pattern that a module of `webapp` or `datax_job` holds, also in its tables and objects."""
    found: dict[str, re.Pattern[Any]] = {}
    for package in (datax_job, webapp):
        for module in _modules(package):
            for name, value in vars(module).items():
                for number, pattern in enumerate(_inside(value, 4)):
                    found.setdefault(pattern.pattern, pattern)
                    found[pattern.pattern] = pattern
                    _NAMES.setdefault(pattern.pattern, f"{module.__name__}.{name}[{number}]")
    return {_NAMES[text]: pattern for text, pattern in found.items()}


_NAMES: dict[Any, str] = {}


def attacks(pattern: re.Pattern[Any], length: int) -> Iterator[str]:
    """Long texts that begin as the pattern wants it, repeat something, and end as it does not want it."""
    own = sample(pattern)
    pumps = dict.fromkeys([*PUMPS, *(own[place : place + 2] for place in range(len(own))), own])
    for pump in filter(None, pumps):
        for beginning in {"", own, own[: len(own) // 2], own[:-1]}:
            yield (beginning + pump * (length // len(pump)))[:length] + "\x01"


def sample(pattern: re.Pattern[Any]) -> str:
    """A short text made of what the pattern names, in its order: about what it matches."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    return "".join(_characters(_parser.parse(text, pattern.flags & ~re.UNICODE & ~re.DEBUG)))[:200]


def _characters(tree: Any) -> Iterator[str]:
    for operation, argument in tree:
        if operation is _constants.LITERAL:
            yield chr(argument)
        elif operation is _constants.IN:
            yield _member(argument)
        elif operation is _constants.ANY or operation is _constants.NOT_LITERAL:
            yield "x"
        elif operation is _constants.BRANCH:
            yield from _characters(argument[1][0])
        elif operation is _constants.SUBPATTERN:
            yield from _characters(argument[-1])
        elif operation is _constants.ATOMIC_GROUP:
            yield from _characters(argument)
        elif operation in {_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT}:
            least, _, repeated = argument
            yield "".join(_characters(repeated)) * min(max(least, 1), 8)


def _member(members: Any) -> str:
    if members[0][0] is _constants.NEGATE:
        return "x"
    operation, argument = members[0]
    if operation is _constants.LITERAL:
        return chr(argument)
    return chr(argument[0]) if operation is _constants.RANGE else "a"


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if found.name not in NOT_IMPORTED:
            yield importlib.import_module(found.name)


def _inside(value: Any, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, dict):
        for held in value.values():
            yield from _inside(held, depth - 1)
    elif depth and isinstance(value, list | tuple | set | frozenset):
        for held in value:
            yield from _inside(held, depth - 1)
    elif depth and dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _inside(getattr(value, field.name, None), depth - 1)

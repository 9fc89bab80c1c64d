"""Plain JSON, by the C scanner of the standard library, made as strict as documents are. Quick, but it knows no places."""

import json
import re
from typing import Any

MAX_DEPTH = 100
# More than any database has, and far below what makes Python's own conversion slow or refuse.
MAX_NUMBER_CHARACTERS = 1000

# The only escapes that JSON allows and a document does not: NUL, and surrogates, which may stand alone.
DOUBTFUL_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


def too_deep(value: Any, allowed: int = MAX_DEPTH) -> bool:
    """More than `allowed` objects and arrays inside each other."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(allowed):
        if not level:
            return False
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
    return bool(level)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands twice")
    return value


def _integer(text: str) -> int:
    if len(text) > MAX_NUMBER_CHARACTERS:
        raise ValueError("too long")
    return int(text)


def _decimal(text: str) -> float:
    value = float(text)
    if len(text) > MAX_NUMBER_CHARACTERS or value in (float("inf"), float("-inf")):
        raise ValueError("too large")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_int=_integer, parse_float=_decimal, parse_constant=_no_constant
)

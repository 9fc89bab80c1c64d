"""JSON pointers (RFC 6901): how a place in a document is named."""

from collections.abc import Iterator
from typing import Any

Keys = tuple[str | int, ...]


def child(pointer: str, key: str | int) -> str:
    return f"{pointer}/{escape(key) if isinstance(key, str) else key}"


def escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def split(pointer: str) -> list[str]:
    """The unescaped parts. `""` is the whole document, so it has none."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def join(keys: Keys) -> str:
    return "".join(child("", key) for key in keys)


def find(value: Any, pointer: str) -> Any:
    """What lies there. Raises KeyError when nothing does."""
    for part in split(pointer):
        if isinstance(value, dict):
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            raise KeyError(pointer)
    return value


def strings(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Every string value with its pointer, in document order. Names of members are not values."""
    todo = [(pointer, value)]
    while todo:
        place, item = todo.pop()
        if isinstance(item, str):
            yield place, item
        elif isinstance(item, dict):
            todo += [(child(place, key), each) for key, each in reversed(item.items())]
        elif isinstance(item, list):
            todo += [(child(place, index), each) for index, each in reversed(list(enumerate(item)))]


def names(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """The name of every member with its pointer, at any depth."""
    todo = [(pointer, value)]
    while todo:
        place, item = todo.pop()
        members = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
        for key, each in members:
            if isinstance(key, str):
                yield child(place, key), key
            if isinstance(each, dict | list):
                todo.append((child(place, key), each))

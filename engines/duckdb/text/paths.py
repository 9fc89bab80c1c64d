"""The files that `path` of txtfilereader means, found as DataX finds them."""

import os
import re
from collections.abc import Iterator, Sequence

from engines.duckdb.failure import Failure
from engines.duckdb.parts import SUFFIX


def files_of(paths: Sequence[str]) -> list[str]:
    """Every file of every path, each once, in order of their names.

    `*` and `?` stand for any text, also across folders, and all else in such a path is a regular expression: so it is in DataX.
    """
    found = {file: None for path in paths for file in _files(path)}
    if not found:
        raise Failure("TxtFileReader-11", "No file was found under %(paths)s.", {"paths": ", ".join(paths)})
    return sorted(found)


def _files(path: str) -> Iterator[str]:
    wild = min((path.find(mark) for mark in "*?" if mark in path), default=-1)
    start = path if wild < 0 else path[: path.rfind("/", 0, wild) + 1]
    if not os.path.exists(start):
        raise Failure("TxtFileReader-04", "The file or folder %(path)s does not exist.", {"path": start or path})
    yield from (file for file in _walk(start) if wild < 0 or _pattern(path).fullmatch(os.path.abspath(file)))


def _pattern(path: str) -> "re.Pattern[str]":
    try:
        return re.compile(path.replace("*", ".*").replace("?", ".?"))
    except re.error as error:
        values = {"path": path, "reason": str(error)}
        raise Failure("TxtFileReader-01", "The path %(path)s is no valid pattern: %(reason)s.", values) from error


def _walk(start: str) -> Iterator[str]:
    if not os.path.isdir(start):
        yield start
        return
    try:
        names = sorted(os.listdir(start))
    except OSError as error:
        values = {"path": start, "reason": error.strerror}
        raise Failure("TxtFileReader-08", "The folder %(path)s cannot be listed: %(reason)s.", values) from error
    for name in names:
        # What another job of this engine has not finished writing is no file yet.
        if not (name.startswith(".") and name.endswith(SUFFIX)):
            yield from _walk(os.path.join(start, name))

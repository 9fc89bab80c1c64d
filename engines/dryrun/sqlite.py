"""SQLite files: opened read-only, so that not even a missing one is made."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from datax_job.problem import Problem, Severity, Text
from engines.dryrun import statements

SCHEME = "jdbc:sqlite:"


def look(pointer: str, name: str, parameter: dict[str, Any]) -> Iterator[Problem]:
    writer = name == "sqlitewriter"
    for index, entry in statements.entries(parameter):
        attempts = statements.writing if writer else statements.reading
        for url in statements.urls(entry):
            path = Path(url.removeprefix(SCHEME).partition("?")[0])
            if path.exists():
                yield from _tables(pointer, index, path, list(attempts(parameter, entry, index)), parameter)
            else:
                yield from _missing(f"{pointer}/connection/{index}/jdbcUrl", path, writer=writer)


def _missing(place: str, path: Path, *, writer: bool) -> Iterator[Problem]:
    if not writer:
        yield Problem(place, Text("no file is there: %(path)s", {"path": path}))
    elif not os.access(path.parent, os.W_OK | os.X_OK):
        yield Problem(place, Text("the worker may not write into %(path)s", {"path": path.parent}))


def _tables(
    pointer: str, index: int, path: Path, attempts: list[tuple[str, str]], parameter: dict[str, Any]
) -> Iterator[Problem]:
    made_before = bool(parameter.get("preSql"))
    try:
        database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=10)
        database.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        yield Problem(
            f"{pointer}/connection/{index}/jdbcUrl", Text("%(path)s: %(said)s", {"path": path, "said": error})
        )
        return
    for place, statement in attempts:
        query = f"SELECT * FROM ({statement}) LIMIT 0" if "querySql" in place else statement
        try:
            database.execute(query).fetchone()
        except sqlite3.Error as error:
            found = statements.complaint(pointer, index, str(error), place)
            # preSql is not run here, and may be what makes the table.
            severity = Severity.WARNING if made_before and "no such table" in str(error) else Severity.ERROR
            yield Problem(found.pointer, found.text, severity)
            break
    database.close()

"""`python -m engines.dryrun JOB.json`: exit code 0 when it could look, whatever it saw."""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from datax_job.problem import Problem
from engines.dryrun import DATABASES, FILES, SQLITE, databases, files, line, plugins, sqlite

Look = Callable[[str, str, dict[str, Any]], Iterator[Problem]]


def main(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        job = json.load(file)
    for pointer, plugin in plugins(job):
        look = _look_of(plugin["name"])
        if look is not None:
            for problem in look(f"{pointer}/parameter", plugin["name"], plugin.get("parameter") or {}):
                print(line(problem), flush=True)  # noqa: T201 - this is how it answers


def _look_of(name: str) -> Look | None:
    looks: tuple[tuple[tuple[str, ...], Look], ...] = (
        (DATABASES, databases.look),
        (SQLITE, sqlite.look),
        (FILES, files.look),
    )
    return next((look for names, look in looks if name in names), None)


if __name__ == "__main__":
    main(sys.argv[1])

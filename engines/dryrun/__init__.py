"""A look at what a job will meet, without moving a row: can it connect, are tables and columns there, may it read and write.

`python -m engines.dryrun JOB.json` prints a finding a line as JSON. It is a process of its own, so that a driver that hangs or
crashes never touches the worker that asked.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datax_job.problem import Problem, Severity, Text
from engines.base import Launch

ROOT = Path(__file__).resolve().parents[2]

# Who is looked at here. Of the others DataX's own dry run knows more.
DATABASES = ("postgresqlreader", "postgresqlwriter", "mysqlreader", "mysqlwriter", "rdbmsreader", "rdbmswriter")
SQLITE = ("sqlitereader", "sqlitewriter")
FILES = ("txtfilereader", "txtfilewriter")
NOTHING = ("streamreader", "streamwriter")
KNOWN = frozenset((*DATABASES, *SQLITE, *FILES, *NOTHING))


def launch(job: dict[str, Any], folder: Path) -> Launch:
    """The process that looks at a job whose parameters are filled; the job lies in `folder`, readable by its owner alone."""
    path = folder / "job.json"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(job, file, ensure_ascii=False)
    environment = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "LANG": "C.UTF-8"}
    environment |= {"HOME": str(folder), "TMPDIR": str(folder)}
    return Launch((sys.executable, "-P", "-m", "engines.dryrun", str(path)), folder, environment)


def line(problem: Problem) -> str:
    """A finding as it is printed."""
    values = {name: str(value) for name, value in problem.text.values.items()}
    words = {
        "pointer": problem.pointer,
        "severity": problem.severity,
        "template": problem.text.template,
        "values": values,
    }
    return json.dumps(words)


def read(output: str) -> Iterator[Problem]:
    """The findings that were printed."""
    for printed in output.splitlines():
        words = json.loads(printed)
        yield Problem(words["pointer"], Text(words["template"], words["values"]), Severity(words["severity"]))


def unknown_plugins(job: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Pointer and name of each plugin that this look knows nothing of."""
    for pointer, plugin in plugins(job):
        if plugin["name"] not in KNOWN:
            yield f"{pointer}/name", plugin["name"]


def plugins(job: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Pointer and object of each reader and writer of a checked document."""
    content = job["job"]["content"]
    for index, part in enumerate(content if isinstance(content, list) else [content]):
        for side in ("reader", "writer"):
            yield f"/job/content/{index}/{side}", part[side]

"""The command line, in `datax.py`'s words."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path

from engines.duckdb.failure import Failure

USAGE = 'usage: python -m engines.duckdb [-p "-Dname=value ..."] JOB.json'


@dataclass(frozen=True, slots=True)
class Command:
    """`parent` is the process to die with, 0 for none."""

    job: Path
    values: dict[str, str] = field(default_factory=dict)
    parent: int = 0


def parse(words: list[str]) -> Command:
    jobs: list[str] = []
    values: dict[str, str] = {}
    parent = 0
    rest = iter(words)
    for word in rest:
        if word in ("-p", "--params"):
            values.update(_values(next(rest, "")))
        elif word == "--parent":
            parent = int(next(rest, "0"))
        elif word.startswith("-"):
            raise Failure("Framework-03", f"The option %(word)s is not known. {USAGE}", {"word": word})
        else:
            jobs.append(word)
    if len(jobs) != 1:
        raise Failure("Framework-03", f"Name one job file. {USAGE}")
    return Command(Path(jobs[0]), values, parent)


def _values(words: str) -> dict[str, str]:
    """`-Dname=value` pairs as a shell would split them; nothing is ever run by one."""
    try:
        found = shlex.split(words)
    except ValueError as error:
        raise Failure(
            "Framework-03", f"-p cannot be taken apart: %(reason)s. {USAGE}", {"reason": str(error)}
        ) from error
    pairs = (word[2:].partition("=") for word in found if word.startswith("-D"))
    return {name: value for name, _, value in pairs}

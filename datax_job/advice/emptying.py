"""Statements that empty the target."""

import re
from collections.abc import Iterator

from datax_job.finding import Finding
from datax_job.problem import Severity, Text
from datax_job.view import Job

# TRUNCATE, DROP TABLE, or DELETE without a WHERE.
_EMPTIES = re.compile(r"^\s*+(?:truncate\b|drop\s++table\b|delete\s++from\b(?!(?s:.*)\bwhere\b))", re.IGNORECASE)


def before_the_first_row(job: Job) -> Iterator[Finding]:
    """preSql runs before anything is read: when the job then fails, the target stays empty."""
    for writer in (part for part in job.parts if part.kind == "writer"):
        statements = writer.parameter.get("preSql")
        for at, statement in enumerate(statements if isinstance(statements, list) else ()):
            if isinstance(statement, str) and _EMPTIES.match(statement):
                text = Text(
                    "this empties the target even when the job then fails; write into a new table and exchange it in "
                    "postSql, or delete only what is written again"
                )
                yield Finding(writer.at("preSql", at), text, Severity.ADVICE)

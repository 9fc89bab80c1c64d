"""Columns that are not named."""

from collections.abc import Iterator

from datax_job.finding import Finding
from datax_job.problem import Severity, Text
from datax_job.view import Job


def star(job: Job) -> Iterator[Finding]:
    """`*` takes the columns as they come: one more in either table, or another order, and values land in the wrong place."""
    for part in (*job.sides("reader", "rdbms", "mpp"), *job.sides("writer", "rdbms", "mpp")):
        if part.parameter.get("column") == ["*"]:
            text = Text("* depends on the order of the table's columns; name them, so that a change is noticed")
            yield Finding(part.at("column"), text, Severity.ADVICE)

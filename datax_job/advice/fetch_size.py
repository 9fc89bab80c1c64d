"""`fetchSize` of the MySQL reader."""

from collections.abc import Iterator

from datax_job.finding import Finding
from datax_job.problem import Severity, Text
from datax_job.view import Job


def ignored(job: Job) -> Iterator[Finding]:
    """mysqlreader always streams row by row and says in its log that it does not look at fetchSize."""
    for reader in job.parts:
        if reader.name == "mysqlreader" and reader.parameter.get("fetchSize") is not None:
            text = Text("mysqlreader does not look at fetchSize; remove this line")
            yield Finding(reader.at("fetchSize"), text, Severity.ADVICE)

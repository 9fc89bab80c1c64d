"""Numbers that must be at least one."""

from collections.abc import Iterator

from datax_job.catalogue import Parameter
from datax_job.finding import Finding
from datax_job.problem import Text
from datax_job.view import Job

_WHOLE = Parameter("", ("integer",), {})
# The readers of MySQL and Doris pass a negative fetchSize on, or do not look at it.
_NOT_FETCHING = {"mysqlreader", "drdsreader", "dorisreader", "starrocksreader"}


def at_least_one(job: Job) -> Iterator[Finding]:
    """DataX refuses a count below 1 at its start."""
    for part in job.parts:
        names = (
            ["sliceRecordCount"]
            if part.family == "stream"
            else ["fetchSize", "batchSize"]
            if part.family == "rdbms"
            else []
        )
        for name in names:
            given = part.parameter.get(name)
            below = given is not None and _WHOLE.accepts(given) and int(given) < 1
            if below and not (name == "fetchSize" and part.name in _NOT_FETCHING):
                yield Finding(part.at(name), Text("%(name)s must be 1 or more", {"name": name}))

"""`writeMode` of writers of databases."""

from collections.abc import Iterator

from datax_job.finding import Finding
from datax_job.problem import Text
from datax_job.view import Job

ONE_WAY = {"postgresqlwriter", "oraclewriter", "sqlserverwriter", "gaussdbwriter", "kingbaseeswriter"}


def not_where_there_is_one_way(job: Job) -> Iterator[Finding]:
    """These writers insert and nothing else; DataX refuses the parameter whatever it says."""
    for part in job.parts:
        if part.kind == "writer" and part.name in ONE_WAY and part.parameter.get("writeMode") is not None:
            text = Text("%(name)s only inserts and refuses writeMode; remove this line", {"name": part.name})
            yield Finding(part.at("writeMode"), text)

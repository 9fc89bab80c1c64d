"""A missing `errorLimit`."""

from collections.abc import Iterator

from datax_job.finding import Finding
from datax_job.problem import Severity, Text
from datax_job.rules.error_limit import LIMIT
from datax_job.view import Job


def missing(job: Job) -> Iterator[Finding]:
    """Without a limit every bad record is dropped, and a job that lost all its rows still ends well."""
    if isinstance(job.get("job"), dict) and job.get(*LIMIT, "record") is None and job.get(*LIMIT, "percentage") is None:
        text = Text(
            'without a limit any number of bad records is dropped in silence; write "errorLimit": {"record": 0}'
        )
        yield Finding("/job/setting/errorLimit", text, Severity.ADVICE)

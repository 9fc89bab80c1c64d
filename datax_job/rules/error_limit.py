"""`job.setting.errorLimit`: how many bad records a job bears."""

from collections.abc import Iterator

from datax_job.catalogue import Parameter
from datax_job.finding import Finding
from datax_job.problem import Severity, Text
from datax_job.view import Job, unfilled

LIMIT = ("job", "setting", "errorLimit")
_WHOLE = Parameter("", ("integer",), {})
_NUMBER = Parameter("", ("number",), {})


def usable(job: Job) -> Iterator[Finding]:
    """DataX stops at its start when `record` is below 0 or `percentage`, which is a share, lies outside 0 to 1."""
    record, share = job.get(*LIMIT, "record"), job.get(*LIMIT, "percentage")
    if record is not None and not unfilled(record) and (not _WHOLE.accepts(record) or int(record) < 0):
        yield Finding("/job/setting/errorLimit/record", Text("record must be a whole number, 0 or more"))
    if share is not None and not unfilled(share) and (not _NUMBER.accepts(share) or not 0 <= float(share) <= 1):
        text = Text("percentage is a share between 0 and 1: write 0.02 for 2 percent")
        yield Finding("/job/setting/errorLimit/percentage", text)


def one_of_two(job: Job) -> Iterator[Finding]:
    """When both are given DataX looks at `record` alone."""
    if job.get(*LIMIT, "record") is not None and job.get(*LIMIT, "percentage") is not None:
        text = Text("percentage has no effect beside record; remove one of the two")
        yield Finding("/job/setting/errorLimit/percentage", text, Severity.WARNING)

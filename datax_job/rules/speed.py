"""`job.setting.speed`: how many channels, and how fast each."""

from collections.abc import Iterator

from datax_job.catalogue import Parameter
from datax_job.finding import Finding
from datax_job.problem import Text
from datax_job.view import Job, unfilled

SPEED = ("job", "setting", "speed")
CHANNEL_SPEED = ("core", "transport", "channel", "speed")
_WHOLE = Parameter("", ("integer",), {})


def given(job: Job) -> Iterator[Finding]:
    """A job that says nothing of its speed is refused by DataX (Framework-03)."""
    if not isinstance(job.get("job"), dict):
        return
    limits = [job.get(*SPEED, name) for name in ("channel", "byte", "record")]
    if any(unfilled(limit) for limit in limits):
        return
    for name, limit in zip(("channel", "byte", "record"), limits, strict=True):
        if not _WHOLE.accepts(limit):
            yield Finding(f"/job/setting/speed/{name}", Text("%(name)s must be a whole number", {"name": name}))
            return
    if not any((job.whole(*SPEED, name) or 0) > 0 for name in ("channel", "byte", "record")):
        yield Finding("/job/setting/speed", Text('the job must say how fast it may run: "speed": {"channel": 1}'))


def limit_of_a_channel(job: Job) -> Iterator[Finding]:
    """DataX computes the channels as the job's limit divided by one channel's, and refuses when neither it nor the job sets the latter."""
    for unit in [each for each in ("byte", "record") if each not in job.limited]:
        total, each = job.whole(*SPEED, unit), job.whole(*CHANNEL_SPEED, unit)
        if total and total > 0 and (each or 0) <= 0 and not unfilled(job.get(*CHANNEL_SPEED, unit)):
            template = (
                'speed.%(unit)s limits the whole job, so the limit of one channel is needed too, beside "job": '
                '"core": {"transport": {"channel": {"speed": {"%(unit)s": %(each)d}}}}'
            )
            values = {"unit": unit, "each": max(total // max(job.whole(*SPEED, "channel") or 1, 1), 1)}
            yield Finding(f"/job/setting/speed/{unit}", Text(template, values))

"""`splitPk`, by which a table is cut into ranges."""

import re
from collections.abc import Iterator

from datax_job.finding import Finding, shown
from datax_job.problem import Severity, Text
from datax_job.rules.speed import SPEED
from datax_job.view import Job, Part, unfilled

# A column's type is not known here, but its name often tells.
_TEXT_NAME = re.compile(
    r"(?:^|_)(?:uuid|guid|name|email|mail|phone|mobile|code|sku|title|url|hash|md5|sha1|openid|unionid|address|token|key|str)$",
    re.IGNORECASE,
)


def by_a_text_column(job: Job) -> Iterator[Finding]:
    """Ranges of text are cut by the characters' codes, so a few of them hold most rows; other character sets fail."""
    for reader, column in _splits(job):
        if _TEXT_NAME.search(column):
            text = Text(
                "%(column)r looks like a text column; a whole-number one splits evenly", {"column": shown(column)}
            )
            yield Finding(reader.at("splitPk"), text, Severity.ADVICE)


def by_several_columns(job: Job) -> Iterator[Finding]:
    """DataX looks for one column of exactly this name and refuses what is not one."""
    for reader, column in _splits(job):
        if "," in column:
            yield Finding(
                reader.at("splitPk"),
                Text("splitPk takes one column; choose the one with most values"),
                Severity.WARNING,
            )


def without_channels(job: Job) -> Iterator[Finding]:
    """With one channel the ranges are read one after the other, each by its own query, and each makes a file of its own."""
    if job.whole(*SPEED, "channel") != 1:
        return
    for reader, writer in job.pairs:
        if (
            reader.parameter.get("splitPk")
            and writer.family in ("file", "hdfs")
            and (reader.family in ("rdbms", "mpp"))
        ):
            text = Text("with one channel splitPk makes nothing faster; remove it, or set speed.channel to 2 or more")
            yield Finding(reader.at("splitPk"), text, Severity.ADVICE)


def _splits(job: Job) -> Iterator[tuple[Part, str]]:
    for reader in job.sides("reader", "rdbms", "mpp"):
        column = reader.parameter.get("splitPk")
        if isinstance(column, str) and column.strip() and not unfilled(column):
            yield reader, column.strip().strip('`"')

"""`speed.channel` and what really becomes of it."""

from collections.abc import Iterator

from datax_job.finding import Finding
from datax_job.problem import Severity, Text
from datax_job.rules.speed import CHANNEL_SPEED, SPEED
from datax_job.view import Job, Part, unfilled

CHANNEL = "/job/setting/speed/channel"


def more_than_can_be_used(job: Job) -> Iterator[Finding]:
    """A table without splitPk, a query and a file are each read in one piece: further channels idle."""
    channels = job.whole(*SPEED, "channel") or 0
    for reader in job.sides("reader", "rdbms", "mpp", "file"):
        pieces = _pieces(reader)
        if pieces is not None and channels > max(pieces, 1):
            yield Finding(CHANNEL, _text(reader, pieces, channels), Severity.ADVICE)


def set_aside_by_a_limit(job: Job) -> Iterator[Finding]:
    """As soon as byte or record is set, DataX computes the number of channels and does not look at `channel`."""
    limits = [unit for unit in ("byte", "record") if (job.whole(*SPEED, unit) or 0) > 0]
    if limits and (job.whole(*SPEED, "channel") or 0) > 0 and (channels := _computed(job)):
        template = "channel has no effect beside speed.%(unit)s; this job gets %(channels)d: remove one of the two"
        yield Finding(CHANNEL, Text(template, {"unit": limits[0], "channels": channels}), Severity.ADVICE)


def one_made_by_a_limit(job: Job) -> Iterator[Finding]:
    """A job limit below one channel's gives 0 channels; DataX then takes 1, which may run at the channel's, higher speed."""
    for unit in ("byte", "record"):
        total, each = job.whole(*SPEED, unit) or 0, job.whole(*CHANNEL_SPEED, unit) or 0
        if 0 < total < each:
            template = (
                "the job's limit %(total)d is below one channel's %(each)d, so the job runs at the channel's: "
                "set core.transport.channel.speed.%(unit)s to %(total)d or less"
            )
            text = Text(template, {"total": total, "each": each, "unit": unit})
            yield Finding(f"/job/setting/speed/{unit}", text, Severity.ADVICE)


def _computed(job: Job) -> int | None:
    found = []
    for unit in ("byte", "record"):
        total, each = job.whole(*SPEED, unit) or 0, job.whole(*CHANNEL_SPEED, unit) or 0
        if total > 0 and each > 0:
            found.append(max(total // each, 1))
    return min(found, default=None)


def _pieces(reader: Part) -> int | None:
    """How many pieces it reads at most; None when that cannot be told."""
    if reader.family == "file":
        return _files(reader)
    if reader.parameter.get("autoPk"):
        return None
    pieces = 0
    for _, connection in reader.connections:
        queries, tables = connection.get("querySql"), connection.get("table")
        if not queries and (reader.parameter.get("splitPk") or _is_pattern(tables)):
            return None
        named = queries or tables
        pieces += len(named) if isinstance(named, list) else 1
    return pieces


def _files(reader: Part) -> int | None:
    given = reader.parameter.get("path")
    paths = given if isinstance(given, list) else [given]
    # A wildcard or a folder may stand for many files; only a name with an ending is surely one.
    single = (isinstance(path, str) and "." in path.rpartition("/")[2] and not set("*?") & set(path) for path in paths)
    return len(paths) if all(single) else None


def _is_pattern(tables: object) -> bool:
    """`orders_[00-31]` stands for many tables."""
    return (
        any(isinstance(each, str) and ("[" in each or unfilled(each)) for each in tables or ())
        if isinstance(tables, list)
        else False
    )


def _text(reader: Part, pieces: int, channels: int) -> Text:
    values = {"pieces": max(pieces, 1), "channels": channels}
    if reader.family == "file":
        template = (
            "of %(channels)d channels only %(pieces)d can work, as each file is read in one piece: write %(pieces)d"
        )
    elif any(connection.get("querySql") for _, connection in reader.connections):
        template = (
            "of %(channels)d channels only %(pieces)d can work, as each query is read in one piece: write %(pieces)d, "
            "or several queries, or table with splitPk"
        )
    else:
        template = (
            "of %(channels)d channels only %(pieces)d can work, as a table is split by splitPk only: "
            'add "splitPk" with a whole-number primary key to the reader, or write %(pieces)d'
        )
    return Text(template, values)

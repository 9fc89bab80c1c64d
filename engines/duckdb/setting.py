"""`job.setting`: how many channels, how fast, and how many bad records a job bears."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datax_job.problem import Problem, Text
from engines.duckdb.parameters import NOT_READ, Refusal

CONFIG_ERROR = "Framework-03"
RUNTIME_ERROR = "Framework-02"

# What a job may say in these objects; everything else is refused by name.
KNOWN = {
    "/job": {"setting", "content"},
    "/job/setting": {"speed", "errorLimit", "dryRun"},
    "/job/setting/speed": {"channel", "byte", "record"},
    "/job/setting/errorLimit": {"record", "percentage"},
    # `entry` sets the Java machine, `core.container` DataX's own clocks: neither changes what a job does.
    "": {"job", "core", "entry"},
    "/core": {"container", "transport"},
    "/core/transport": {"channel"},
    "/core/transport/channel": {"speed", "flowControlInterval", "capacity", "byteCapacity", "class"},
    "/core/transport/channel/speed": {"byte", "record"},
}


@dataclass(frozen=True, slots=True)
class Setting:
    """`bytes_per_second` and `records_per_second` are for the whole job; None means as fast as can be."""

    channels: int = 1
    bytes_per_second: int | None = None
    records_per_second: int | None = None
    error_records: int | None = None
    error_share: float | None = None
    dry_run: bool = False


class _Tree:
    """Walks the job document and notes what it does not know."""

    def __init__(self, document: Mapping[str, Any], problems: list[Problem]) -> None:
        self.document = document
        self.problems = problems
        for pointer, names in KNOWN.items():
            self._check(pointer, names)

    def node(self, pointer: str) -> Any:
        value: Any = self.document
        for step in pointer.split("/")[1:]:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def _check(self, pointer: str, names: set[str]) -> None:
        value = self.node(pointer)
        if value is not None and not isinstance(value, dict):
            self.refuse(pointer, "This must be an object.")
        for name in set(value or ()) - names if isinstance(value, dict) else ():
            self.refuse(f"{pointer}/{name}", "This engine does not know %(name)s. Remove it.", {"name": name})

    def refuse(
        self, pointer: str, template: str, values: dict[str, Any] | None = None, code: str = CONFIG_ERROR
    ) -> None:
        self.problems.append(Refusal(pointer, Text(template, values or {}), code=code))

    def number(self, pointer: str) -> float | None:
        value = self.node(pointer)
        if value is None or not str(value).strip():
            return None
        try:
            return float(str(value))
        except ValueError:
            self.refuse(pointer, "This must be a number.", code=NOT_READ)
            return None

    def whole(self, pointer: str) -> int | None:
        value = self.node(pointer)
        if value is None or not str(value).strip():
            return None
        if not re.fullmatch(r"[+-]?\d+", str(value)):
            self.refuse(pointer, "This must be a whole number.", code=NOT_READ)
            return None
        return int(str(value))

    def limit(self, pointer: str) -> int:
        """0 when there is none."""
        return max(self.whole(pointer) or 0, 0)


def read_setting(document: Mapping[str, Any], problems: list[Problem]) -> Setting:
    tree = _Tree(document, problems)
    by_byte = _channels_for(tree, "byte")
    by_record = _channels_for(tree, "record")
    limited = min((count for count in (by_byte, by_record) if count), default=0)
    channels = limited or tree.limit("/job/setting/speed/channel")
    if not channels and not any(problem.pointer.startswith("/job/setting/speed/") for problem in problems):
        tree.refuse(
            "/job/setting/speed", "The job must say how fast it may run: set job.setting.speed.channel, 1 or more."
        )
    return Setting(
        channels=channels or 1,
        bytes_per_second=_total(tree, "byte", channels),
        records_per_second=_total(tree, "record", channels),
        error_records=_error_records(tree),
        error_share=_error_share(tree),
        dry_run=tree.node("/job/setting/dryRun") in (True, "true"),
    )


def _channels_for(tree: _Tree, unit: str) -> int:
    """How many channels a limit of the whole job makes, which DataX computes from the limit of one channel."""
    total = tree.limit(f"/job/setting/speed/{unit}")
    each = tree.limit(f"/core/transport/channel/speed/{unit}")
    if total and not each:
        tree.refuse(
            f"/job/setting/speed/{unit}",
            "A job limit needs the limit of one channel too: set core.transport.channel.speed.%(unit)s.",
            {"unit": unit},
        )
    return max(total // each, 1) if total and each else 0


def _total(tree: _Tree, unit: str, channels: int) -> int | None:
    each = tree.limit(f"/core/transport/channel/speed/{unit}")
    return each * channels if each else None


def _error_records(tree: _Tree) -> int | None:
    limit = tree.whole("/job/setting/errorLimit/record")
    if limit is not None and limit < 0:
        tree.refuse("/job/setting/errorLimit/record", "The limit must be 0 or more.", code=RUNTIME_ERROR)
    return limit


def _error_share(tree: _Tree) -> float | None:
    """The share of bad records; DataX does not look at it where a number of records is given too."""
    share = tree.number("/job/setting/errorLimit/percentage")
    if share is not None and not 0 <= share <= 1:
        template = "The share of bad records lies between 0 and 1: write 0.02 for 2 percent."
        tree.refuse("/job/setting/errorLimit/percentage", template, code=RUNTIME_ERROR)
    return share if tree.node("/job/setting/errorLimit/record") in (None, "") else None

"""DataX's periodic line and its summary, word for word, so that what reads one engine's output reads both."""

from dataclasses import dataclass
from datetime import datetime

_UNITS = (("TB", 1 << 40), ("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10))


@dataclass(frozen=True, slots=True)
class Counts:
    """What has gone by. `passed` are good records, `failed` bad ones; together they are what DataX calls read."""

    passed: int = 0
    failed: int = 0
    filtered: int = 0
    transform_failed: int = 0
    bytes: int = 0
    failed_bytes: int = 0

    @property
    def read(self) -> int:
        return self.passed + self.failed


def size(number: int) -> str:
    for unit, factor in _UNITS:
        if number >= factor:
            return f"{number / factor:.2f}{unit}"
    return f"{number}B"


def periodic(now: Counts, before: Counts, seconds: float, share: float, transforms: bool = False) -> str:
    """The line DataX prints while a job runs. Its speed is that of the time since the line before."""
    whole = max(int(seconds), 1)
    speed = max(now.bytes - before.bytes, 0) // whole
    records = max(now.read - before.read, 0) // whole
    return (
        f"Total {now.read} records, {now.bytes} bytes | Speed {size(speed)}/s, {records} records/s | "
        f"Error {now.failed} records, {now.failed_bytes} bytes |  All Task WaitWriterTime 0.000s |  "
        f"All Task WaitReaderTime 0.000s | {_transforms(now) if transforms else ''}Percentage {share * 100:.2f}%"
    )


def _transforms(now: Counts) -> str:
    # DataX spells it so.
    return (
        f"Transfermor Success {now.passed + now.filtered} records | Transformer Error {now.transform_failed} records | "
        f"Transformer Filter {now.filtered} records | Transformer usedTime 0.000s | "
    )


def summary(counts: Counts, start: datetime, end: datetime, transfer_seconds: float) -> str:
    """The block that ends a good run."""
    seconds = max(int(transfer_seconds), 1)
    form = "%Y-%m-%d %H:%M:%S"
    lines = [
        f"{'任务启动时刻':<26}: {start.strftime(form):<18}",
        f"{'任务结束时刻':<26}: {end.strftime(form):<18}",
        f"{'任务总计耗时':<26}: {str(int((end - start).total_seconds())) + 's':>19}",
        f"{'任务平均流量':<26}: {size(counts.bytes // seconds) + '/s':>19}",
        f"{'记录写入速度':<26}: {str(counts.passed // seconds) + 'rec/s':>19}",
        f"{'读出记录总数':<26}: {counts.read:>19}",
        f"{'读写失败总数':<26}: {counts.failed:>19}",
    ]
    return "\n" + "\n".join(lines) + "\n"


def transformer_summary(counts: Counts) -> str:
    lines = [
        f"{'Transformer成功记录总数':<26}: {counts.passed + counts.filtered:>19}",
        f"{'Transformer失败记录总数':<26}: {counts.transform_failed:>19}",
        f"{'Transformer过滤记录总数':<26}: {counts.filtered:>19}",
    ]
    return "\n" + "\n".join(lines) + "\n"

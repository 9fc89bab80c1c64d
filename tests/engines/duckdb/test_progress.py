"""DataX's lines, letter for letter."""

from datetime import datetime

import pytest

from engines.duckdb.progress import Counts, periodic, size, summary, transformer_summary


def test_the_periodic_line() -> None:
    now = Counts(passed=80_000_000, bytes=1_760_000_000)
    assert periodic(now, Counts(), 20.0, 1.0) == (
        "Total 80000000 records, 1760000000 bytes | Speed 83.92MB/s, 4000000 records/s | Error 0 records, 0 bytes |  "
        "All Task WaitWriterTime 0.000s |  All Task WaitReaderTime 0.000s | Percentage 100.00%"
    )


def test_the_periodic_line_with_transformers() -> None:
    line = periodic(Counts(passed=3, bytes=66), Counts(), 10.4, 1.0, transforms=True)
    assert line == (
        "Total 3 records, 66 bytes | Speed 6B/s, 0 records/s | Error 0 records, 0 bytes |  "
        "All Task WaitWriterTime 0.000s |  All Task WaitReaderTime 0.000s | Transfermor Success 3 records | "
        "Transformer Error 0 records | Transformer Filter 0 records | Transformer usedTime 0.000s | Percentage 100.00%"
    )


def test_the_summary() -> None:
    begun, ended = datetime(2026, 11, 23, 16, 55, 10), datetime(2026, 11, 23, 16, 55, 21)
    assert summary(Counts(passed=200, bytes=7600), begun, ended, 10.2) == (
        "\n"
        "任务启动时刻                    : 2026-11-23 16:55:10\n"
        "任务结束时刻                    : 2026-11-23 16:55:21\n"
        "任务总计耗时                    :                 11s\n"
        "任务平均流量                    :              760B/s\n"
        "记录写入速度                    :             20rec/s\n"
        "读出记录总数                    :                 200\n"
        "读写失败总数                    :                   0\n"
    )


def test_the_summary_of_transformers() -> None:
    assert transformer_summary(Counts(passed=3, filtered=1, transform_failed=2)) == (
        "\n"
        "Transformer成功记录总数         :                   4\n"
        "Transformer失败记录总数         :                   2\n"
        "Transformer过滤记录总数         :                   1\n"
    )


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0B"), (1023, "1023B"), (1024, "1.00KB"), (1 << 20, "1.00MB"), (1 << 40, "1.00TB")]
)
def test_sizes(number: int, text: str) -> None:
    assert size(number) == text

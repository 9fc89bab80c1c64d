"""Reading what DataX prints, on what it really printed."""

import random
from pathlib import Path
from typing import Any

import pytest

from datax_job.diagnosis import explain
from datax_job.summary import LINE_BYTES, OutputReader

SAMPLES = Path(__file__).resolve().parents[1] / "data" / "datax-samples"
ADDAX = SAMPLES.parent / "addax-samples"


def read(data: bytes, size: int = 65536) -> OutputReader:
    reader = OutputReader()
    for start in range(0, len(data), size):
        reader.feed(data[start : start + size])
    reader.finish()
    return reader


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("success-stream-print", {"records_read": 3, "records_failed": 0, "bytes_read": 66, "percent": 100.0}),
        (
            "success-long-run",
            {"records_read": 80_000_000, "bytes_read": 1_760_000_000, "records_per_second": 4_000_000.0},
        ),
        ("dirty-within-limit", {"records_read": 4, "records_failed": 2}),
        ("dirty-over-limit", {"records_read": 4, "records_failed": 2}),
        (
            "transformer",
            {"records_read": 3, "transformer_succeeded": 3, "transformer_failed": 0, "transformer_filtered": 0},
        ),
    ],
)
def test_the_figures_of_a_run(name: str, figures: dict[str, Any]) -> None:
    progress = read((SAMPLES / f"{name}.stdout").read_bytes()).progress
    assert progress is not None and figures.items() <= progress.items()


def test_the_waits_of_both_sides_are_kept() -> None:
    progress = read((SAMPLES / "success-long-run.stdout").read_bytes()).progress
    assert progress is not None and (progress["wait_writer"], progress["wait_reader"]) == (13.403, 18.295)


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("dirty-over-limit", "Framework-14", "限制是[0]条，但实际上捕获了[2]条"),
        ("missing-parameter", "TxtFileWriter-01", "[fileName]是必填参数"),
        ("missing-table", "DBUtilErrorCode-06", 'relation "nope" does not exist'),
        ("missing-file", "Framework-03", "missing-file.json"),
        ("invalid-json", "Common-00", "不是合法的JSON格式"),
        ("unknown-plugin", "Framework-12", "nosuchreader"),
        ("unreachable-database", "DBUtilErrorCode-10", "127.0.0.1:1/db1"),
        ("out-of-memory", "Framework-13", "OutOfMemoryError"),
    ],
)
def test_the_cause_of_a_failure(name: str, code: str, says: str) -> None:
    failure = read((SAMPLES / f"{name}.stdout").read_bytes()).failure
    assert failure is not None
    assert failure.code == code and says in failure.message
    assert "\tat " not in failure.message and len(failure.message) < 2000


@pytest.mark.parametrize(
    "name", ["success-stream-print", "dirty-within-limit", "transformer", "stopped-by-sigkill", "stopped-by-sigterm"]
)
def test_a_run_that_named_no_cause_has_none(name: str) -> None:
    assert read((SAMPLES / f"{name}.stdout").read_bytes()).failure is None


@pytest.mark.parametrize("sample", sorted(path.stem for path in SAMPLES.glob("*.stdout")))
def test_where_the_output_is_cut_makes_no_difference(sample: str) -> None:
    data = (SAMPLES / f"{sample}.stdout").read_bytes()
    whole = read(data, len(data))
    for size in (1, 7, 1000):
        pieces = read(data, size)
        assert (pieces.progress, pieces.failure) == (whole.progress, whole.failure)


def test_addaxs_summary_is_read_too() -> None:
    text = "\nJob start  at             : 2026-01-01 00:00:00\nAverage   bps             :           1.50KB/s\n"
    text += "Average   rps             :            200rec/s\nNumber of rec             :                2000\n"
    text += "Failed record             :                   3\n"
    progress = read(text.encode()).progress
    assert progress == {
        "bytes_per_second": 1536.0,
        "records_per_second": 200.0,
        "records_read": 2000,
        "records_failed": 3,
    }


@pytest.mark.parametrize(
    ("sample", "code", "says"),
    [
        ("missing-file", "no-file", "Cannot find any file in path: [/nonexistent/x.csv]"),
        ("missing-parameter", "missing-parameter", "The required item 'username' is not found"),
        ("missing-table", "no-table", "no such table: t"),
        ("dirty-over-limit", "dirty-records", "The limit is [0] records, but [1] records were actually captured."),
        ("unknown-plugin", "no-plugin", "The plugin 'nosuchreader' has not installed yet"),
        ("unreachable-database", "connection-refused", "jdbc:postgresql://127.0.0.1:5999/shop: Connection refused"),
    ],
)
def test_addax_says_why_it_failed_without_a_code(sample: str, code: str, says: str) -> None:
    failure = read((ADDAX / f"{sample}.stdout").read_bytes()).failure
    assert failure is not None and failure.code is None and says in failure.message and "\tat " not in failure.message
    assert explain(failure.code, failure.message, 2).code == code


def test_a_run_of_addax_that_succeeded_is_read_whole() -> None:
    reader = read((ADDAX / "success.stdout").read_bytes())
    assert reader.failure is None and reader.channels == 2
    assert reader.progress is not None and reader.progress["records_read"] == 6


def test_garbage_and_endless_lines_are_passed_over_in_constant_memory() -> None:
    reader = OutputReader()
    noise = random.Random(1).randbytes(1 << 20).replace(b"\n", b" ")
    for _ in range(20):
        reader.feed(noise)
        assert len(reader._rest) <= LINE_BYTES
    reader.feed(b"\n" + (SAMPLES / "success-stream-print.stdout").read_bytes())
    reader.finish()
    assert reader.progress is not None and reader.progress["records_read"] == 3


def test_a_long_stack_trace_takes_no_memory() -> None:
    reader = OutputReader()
    reader.feed("经DataX智能分析,该任务最可能的错误原因是:\njava.lang.Exception: why\n".encode())
    for _ in range(10_000):
        reader.feed(b"\tat some.where.Else(Else.java:1)\nmore words\n")
    failure = reader.failure
    assert failure is not None and failure.message == "why"


@pytest.mark.parametrize("speed", ["167.867.85KB/s", ".KB/s", "1.B/s", "٣KB/s", "9" * 5000 + "B/s"])
def test_a_line_that_was_mixed_with_another_is_passed_over(speed: str) -> None:
    line = "Total {} records, 10 bytes | Speed {}, 5 records/s | Error 0 records, 0 bytes | Percentage 0.00%\n"
    reader = OutputReader()
    reader.feed(line.format(7, "3.5KB/s").encode())
    for mixed in (
        line.format(8, speed),
        line.format("9" * 5000, "1B/s"),
        f"读出记录总数 : {'9' * 5000}\n",
        "读出记录总数 : 1.2.3.\n",
    ):
        reader.feed(mixed.encode())
    assert reader.progress is not None and reader.progress["bytes_per_second"] == 3.5 * 1024

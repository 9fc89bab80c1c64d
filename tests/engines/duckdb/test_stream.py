"""streamreader and streamwriter."""

import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.engines.duckdb.inprocess import Outcome, content, made, run


def printed(columns: list[dict[str, Any]], folder: Path, rows: int = 1, **writer: Any) -> Outcome:
    given = {"print": True, "fieldDelimiter": "|", **writer}
    return run(content(made(*columns, rows=rows), {"name": "streamwriter", "parameter": given}), folder)


def lines(outcome: Outcome) -> list[str]:
    """What stands between the log's own lines."""
    own = re.compile(r"\d{4}-\d\d-\d\d [0-9:]{8}\.\d{3} \[|.* : ")
    return [line for line in outcome.output.splitlines() if line and not own.match(line)][: outcome.read]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ({"value": "DataX"}, "DataX"),
        ({"type": "STRING", "value": "it's \\ é😀"}, "it's \\ é😀"),
        ({"type": "string", "value": 5}, "5"),
        ({"type": "string", "value": True}, "true"),
        ({"type": "long", "value": "19890604"}, "19890604"),
        ({"type": "long", "value": "1" * 30}, "1" * 30),
        ({"type": "long", "value": "1.9e1"}, "19"),
        ({"type": "double", "value": "3.50"}, "3.50"),
        ({"type": "bool", "value": "TRUE"}, "true"),
        ({"type": "bool", "value": "yes"}, "false"),
        ({"type": "date", "value": "1989-06-04 00:00:00"}, "1989-06-04 00:00:00"),
        ({"type": "date", "value": "04/06/1989", "dateFormat": "dd/MM/yyyy"}, "1989-06-04 00:00:00"),
        ({"type": "bytes", "value": "té"}, "té"),
        ({"type": "string", "value": "a", "random": "1,2"}, "a"),
    ],
)
def test_a_constant_is_printed_as_datax_prints_it(column: dict[str, Any], expected: str, tmp_path: Path) -> None:
    assert lines(printed([column, {"value": "end"}], tmp_path, rows=2)) == [f"{expected}|end"] * 2


@pytest.mark.parametrize(
    ("column", "fits"),
    [
        ({"type": "long", "random": "3, 5"}, lambda text: 3 <= int(text) <= 5),
        ({"type": "double", "random": "0,10"}, lambda text: 0 <= float(text) < 11),
        ({"type": "string", "random": "2,4"}, lambda text: 2 <= len(text) <= 4 and text.isalnum()),
        ({"type": "bytes", "random": "4,4"}, lambda text: len(text) == 4),
        ({"type": "bool", "random": "0, 10"}, lambda text: text == "true"),
        ({"type": "bool", "random": "10, 0"}, lambda text: text == "false"),
        ({"type": "bool", "random": "5, 5"}, lambda text: text == "true"),
        (
            {"type": "date", "random": "2024-01-01 00:00:00, 2024-01-02 00:00:00"},
            lambda text: "2024-01-01 00:00:00" <= text <= "2024-01-02 00:00:00",
        ),
    ],
)
def test_random_values_stay_in_their_range(column: dict[str, Any], fits: Any, tmp_path: Path) -> None:
    found = lines(printed([column, {"value": "x"}], tmp_path, rows=200))
    assert len(found) == 200
    assert all(fits(line.removesuffix("|x")) for line in found)


def test_random_values_differ_from_row_to_row(tmp_path: Path) -> None:
    assert len(set(lines(printed([{"type": "string", "random": "8,8"}], tmp_path, rows=50)))) == 50


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ({"type": "string"}, "StreamReader-00"),
        ({"type": "string", "value": " "}, "StreamReader-00"),
        ({"type": "uuid", "value": "x"}, "StreamReader-02"),
        ({"type": "long", "value": "x"}, "Common-01"),
        ({"type": "double", "value": "x"}, "Common-01"),
        ({"type": "date", "value": "today"}, "StreamReader-01"),
        ({"type": "long", "random": "5,1"}, "StreamReader-01"),
        ({"type": "long", "random": "-5,1"}, "StreamReader-01"),
        ({"type": "long", "random": "5"}, "StreamReader-01"),
        ({"type": "long", "random": "0, 9999999999"}, "StreamReader-02"),
        ({"type": "long", "value": "1", "index": 0}, "StreamReader-01"),
        ({"type": "date", "value": "1", "dateFormat": "EEE"}, "StreamReader-01"),
    ],
)
def test_a_column_that_makes_no_sense_is_refused(column: dict[str, Any], code: str, tmp_path: Path) -> None:
    outcome = printed([column], tmp_path)
    assert (outcome.exit_code, outcome.code) == (1, code)
    assert "/job/content/0/reader/parameter/column/0" in outcome.output


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"column": [{"value": "a"}]}, "StreamReader-00"),
        ({"column": [{"value": "a"}], "sliceRecordCount": 0}, "StreamReader-01"),
        ({"column": [{"value": "a"}], "sliceRecordCount": "x"}, "Common-00"),
        ({"column": [{"value": "a"}], "sliceRecordCount": 1.5}, "Common-00"),
        ({"column": [], "sliceRecordCount": 1}, "StreamReader-00"),
    ],
)
def test_the_reader_needs_its_parameters(parameters: dict[str, Any], code: str, tmp_path: Path) -> None:
    job = content({"name": "streamreader", "parameter": parameters}, {"name": "streamwriter", "parameter": {}})
    assert run(job, tmp_path).code == code


def test_nothing_is_printed_where_print_is_false(tmp_path: Path) -> None:
    outcome = printed([{"value": "secret"}], tmp_path, rows=1000, print=False)
    assert outcome.read == 1000
    assert "secret" not in outcome.output


def test_a_longer_delimiter_leaves_its_start_at_the_end_of_the_line(tmp_path: Path) -> None:
    assert lines(printed([{"value": "a"}, {"value": "b"}], tmp_path, fieldDelimiter="<->")) == ["a<->b<-"]


def test_a_file_takes_the_rows_of_all_channels_in_place_of_an_older_one(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "rows").write_text("old")
    writer = {"name": "streamwriter", "parameter": {"path": str(tmp_path / "deep"), "fileName": "rows"}}
    run(content(made({"value": "a"}, {"value": "b"}, rows=2), writer, speed={"channel": 2}), tmp_path)
    assert (tmp_path / "deep" / "rows").read_text() == "a\tb\n" * 4
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["rows"]


def test_the_pause_comes_once(tmp_path: Path) -> None:
    parameters = {"path": str(tmp_path), "fileName": "rows", "recordNumBeforeSleep": 2, "sleepTime": 2}
    begun = time.monotonic()
    run(content(made({"value": "a"}, rows=5), {"name": "streamwriter", "parameter": parameters}), tmp_path)
    assert 2.0 <= time.monotonic() - begun < 3.9
    assert (tmp_path / "rows").read_text() == "a\n" * 5


@pytest.mark.parametrize("unit", ["record", "byte"])
@pytest.mark.parametrize("shown", [True, False])
def test_a_speed_limit_is_kept(unit: str, shown: bool, tmp_path: Path) -> None:
    """400 rows of two bytes, at 400 rows or 800 bytes a second for the whole job: about a second."""
    limit = 400 if unit == "record" else 800
    job = content(
        made({"value": "a"}, rows=400 // 2),
        {"name": "streamwriter", "parameter": {"print": shown}},
        speed={unit: limit},
    )
    job["core"] = {"transport": {"channel": {"speed": {unit: limit // 2}}}}
    begun = time.monotonic()
    assert run(job, tmp_path).read == 400
    assert 0.8 <= time.monotonic() - begun < 2.5

"""Cells that only Java's rules tell: their values come from a list where they are few, and by hand where they are many."""

from pathlib import Path

import pytest

from engines.duckdb.text import odd
from tests.engines.duckdb.inprocess import through, written

KINDS = ("long", "double", "boolean", "date", "string")
TEXTS = (
    *("1", "-0", "+7", "007", "1.9", "1e5", "-1E3", "1e-1", "1e400", "9223372036854775808", "99999999999999999999", ".5", "1."),
    *(" 1", "1 ", "１", "0x10", "1L", "NaN", "-Infinity", "true", "tRuE", "", "null", "it's", "2024-01-02", "2024-13-45"),
    *("2024-1-2 3:4:5", "2024-01-02 24:00:00", "20240102", "20240102030405", "0000-00-00", "12:34:56", "2024/01/02"),
)  # fmt: skip
COLUMNS = [*({"index": 0, "type": kind} for kind in KINDS), {"index": 0, "type": "date", "format": "yyyy/MM/dd"}]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column["type"] + column.get("format", ""))
def test_a_list_and_the_hand_make_the_same_of_every_text(
    column: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = [column, {"index": 1, "type": "string"}]
    lines = "".join(f"{text},{number}\n" for number, text in enumerate(TEXTS))
    found = []
    for most in (odd.MOST_TEXTS, 0):
        monkeypatch.setattr(odd, "MOST_TEXTS", most)
        outcome = through(lines, tmp_path, columns, setting={"errorLimit": {"record": 100}}, nullFormat="null")
        found.append((outcome.exit_code, outcome.failed, outcome.dirty, written(tmp_path / "out")))
    assert found[0] == found[1]
    assert found[0][0] == 0


def test_rows_stay_in_their_order_around_odd_ones(tmp_path: Path) -> None:
    lines = [f"{number}e1" if number % 5000 == 0 else str(number) for number in range(20_000)]
    outcome = through("\n".join(lines) + "\n", tmp_path, [{"index": 0, "type": "long"}])
    assert (outcome.exit_code, outcome.read, outcome.failed) == (0, 20_000, 0)
    assert [int(line) for line in written(tmp_path / "out")[0].split()] == [int(float(line)) for line in lines]


def test_more_odd_texts_than_a_list_bears_are_read_by_hand(tmp_path: Path) -> None:
    lines = "".join(f"{number}e0\n" for number in range(odd.MOST_TEXTS + 500))
    outcome = through(lines, tmp_path, [{"index": 0, "type": "long"}])
    assert (outcome.exit_code, outcome.read, outcome.failed) == (0, odd.MOST_TEXTS + 500, 0)
    assert written(tmp_path / "out")[0].split()[-1] == str(odd.MOST_TEXTS + 499).encode()

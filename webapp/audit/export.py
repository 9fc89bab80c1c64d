"""The audit as files: CSV that no spreadsheet takes for formulas, and JSON lines. Pure."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

COLUMNS = ("number", "at", "actor", "address", "action", "target", "detail", "digest")
# What spreadsheets take for the beginning of a formula, also behind blanks.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def lines_of_csv(entries: Iterable[Any]) -> Iterator[str]:
    yield _line(list(COLUMNS))
    for entry in entries:
        yield _line([defused(value) for value in _values(entry).values()])


def lines_of_json(entries: Iterable[Any]) -> Iterator[str]:
    for entry in entries:
        yield json.dumps({**_values(entry), "detail": json.loads(entry.detail)}, ensure_ascii=False) + "\n"


def defused(value: object) -> str:
    """A cell that stays text: an apostrophe before what a spreadsheet would work out."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _values(entry: Any) -> dict[str, object]:
    return {**{name: getattr(entry, name) for name in COLUMNS}, "at": entry.at.isoformat(timespec="microseconds")}


def _line(cells: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()

"""The audit as files: CSV that no spreadsheet takes for formulas, and JSON lines. Pure."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from webapp import spreadsheet

COLUMNS = ("number", "at", "actor", "address", "action", "target", "detail", "digest")


def lines_of_csv(entries: Iterable[Any]) -> Iterator[str]:
    yield spreadsheet.line(COLUMNS)
    for entry in entries:
        yield spreadsheet.line(_values(entry).values())


def lines_of_json(entries: Iterable[Any]) -> Iterator[str]:
    for entry in entries:
        yield json.dumps({**_values(entry), "detail": json.loads(entry.detail)}, ensure_ascii=False) + "\n"


def _values(entry: Any) -> dict[str, object]:
    return {**{name: getattr(entry, name) for name in COLUMNS}, "at": entry.at.isoformat(timespec="microseconds")}

"""Lines of CSV that no spreadsheet takes for formulas. Pure."""

import csv
import io
from collections.abc import Iterable

# By this Excel knows a file for UTF-8; without it Chinese is shown as something else.
BYTE_ORDER_MARK = "\ufeff"
# What spreadsheets take for the beginning of a formula, also behind blanks.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def line(cells: Iterable[object]) -> str:
    return lines([cells])


def lines(rows: Iterable[Iterable[object]]) -> str:
    """Text becomes a cell that stays text; a number stays a number."""
    written = io.StringIO()
    csv.writer(written).writerows(
        [cell if isinstance(cell, int | float) else defused(cell) for cell in row] for row in rows
    )
    return written.getvalue()


def defused(value: object) -> str:
    """A cell that stays text: an apostrophe before what a spreadsheet would work out."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text

"""Cells that only Java's rules tell. They are few: one look at the file finds their texts, Python converts each once, and SQL
puts the values in from a list, so that all other rows stay on the fast way."""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engines.duckdb.text.cells import ODD, BadCell, Cell, Fast, cast, convert, fast
from engines.duckdb.types import Kind, literal

if TYPE_CHECKING:
    import duckdb

# Each odd cell is looked up one by one in the list: with more texts than these it is faster to convert all rows by hand.
MOST_TEXTS = 1000


def texts(db: "duckdb.DuckDBPyConnection", path: str, columns: Sequence[Cell], source: str, longest: int) -> bool:
    """Whether the odd texts of a file could be listed; `known` then uses the list. `source` gives `l` and the columns, `looked_at`."""
    if not os.path.isfile(path):
        # What can be read only once cannot be looked at before.
        return False
    odd = {number: _is_odd(cell, number) for number, cell in enumerate(columns)}
    asked = {number: sql for number, sql in odd.items() if sql is not None}
    found = db.execute(_select(asked, source, longest)).fetchall() if asked else []
    if len(found) > MOST_TEXTS:
        return False
    for number in asked:
        _keep(db, number, columns[number], [text for place, text in found if place == number])
    return True


def _is_odd(cell: Cell, number: int) -> str | None:
    made = fast(cell, number)
    if ODD not in made.verdict:
        return None
    return f"CASE WHEN x{number} IS NULL OR s{number} THEN 0 ELSE {made.verdict.replace(ODD, '2')} END = 2"


def _select(asked: dict[int, str], source: str, longest: int) -> str:
    cells = ", ".join(
        f"{{'number': {number}, 'text': CASE WHEN {sql} THEN x{number} END}}" for number, sql in asked.items()
    )
    rows = f"SELECT unnest([{cells}]) AS u FROM ({source}) AS texts WHERE len(l) >= {longest} AND ({' OR '.join(asked.values())})"
    return f"SELECT DISTINCT u.number, u.text FROM ({rows}) AS odd WHERE u.text IS NOT NULL LIMIT {MOST_TEXTS + 1}"


def _keep(db: "duckdb.DuckDBPyConnection", number: int, cell: Cell, found: Sequence[str]) -> None:
    values = [_value(cell, text) for text in found]
    keys = ", ".join(map(literal, found))
    made = ", ".join("NULL" if value is None else literal(value) for value in values)
    db.execute(f"SET VARIABLE {_name(number)} = MAP(CAST([{keys}] AS VARCHAR[]), CAST([{made}] AS VARCHAR[]))")


def _value(cell: Cell, text: str) -> str | None:
    try:
        return convert(cell, text)
    except BadCell:
        return None


def _name(number: int) -> str:
    return f"datax_odd_{number}"


def known(cell: Cell, number: int) -> Fast:
    """As `fast`, with the values of odd texts from the list, in the types of the exact way."""
    made = fast(cell, number)
    value = f"CAST({made.value} AS VARCHAR)" if cell.kind is Kind.LONG else made.value
    if ODD not in made.verdict:
        return replace(made, value=value)
    listed = f"getvariable('{_name(number)}')"
    converted = f"map_extract_value({listed}, x{number})"
    there = f"map_contains({listed}, x{number})"
    verdict = f"CASE WHEN NOT {there} THEN {ODD} WHEN {converted} IS NULL THEN 1 ELSE 0 END"
    value = f"CASE WHEN s{number} THEN {value} WHEN {there} THEN {cast(cell, converted)} ELSE {value} END"
    return replace(made, value=value, verdict=made.verdict.replace(ODD, verdict))

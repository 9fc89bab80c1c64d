"""A row as one line of text, as SQL."""

from engines.duckdb.rows import Counted
from engines.duckdb.types import literal, text_of


def texts(rows: Counted, null: str, date_format: str | None = None) -> list[str]:
    """Each column as DataX's text, NULL as the word for it."""
    found = []
    for number, column in enumerate(rows.columns):
        text = text_of(column, f"c{number}", date_format)
        found.append(f"coalesce({text}, {literal(null)})" if column.nullable else text)
    return found


def joined(rows: Counted, cells: list[str], delimiter: str) -> str:
    """The cells of a row in one text. Where rows differ in length, only the cells that a row has."""
    if not cells:
        return "''"
    if rows.ragged:
        return f"array_to_string(list_value({', '.join(cells)})[1:width], {literal(delimiter)})"
    return f"concat_ws({', '.join([literal(delimiter), *cells])})"

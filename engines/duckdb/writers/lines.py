"""A row as one line of text, as SQL, by the rules of DataX's text and csv writers."""

from dataclasses import dataclass

from engines.duckdb.rows import Counted
from engines.duckdb.types import Column, Kind, literal, text_of

# Java's trim() takes away every control character as well as the space.
TRIMMED = "".join(chr(code) for code in range(33))
# A number, a date or a boolean never holds a delimiter outside of these.
PLAIN_DELIMITERS = ",;|\t\x01\x02^~#&@!$%*"


@dataclass(frozen=True, slots=True)
class LineFormat:
    """`date` is in strftime's letters. `end` is the end of a line. `force` quotes every cell of a csv, `qualify` none unless true."""

    delimiter: str = ","
    end: str = "\n"
    csv: bool = False
    null: str = "null"
    date: str | None = None
    base64: bool = False
    force: bool = False
    qualify: bool = True


def line_of(rows: Counted, form: LineFormat) -> str:
    cells = [_cell(number, column, form) for number, column in enumerate(rows.columns)]
    return joined(rows, cells, form.delimiter)


def joined(rows: Counted, cells: list[str], delimiter: str) -> str:
    """The cells of a row in one text. Where rows differ in length, only the cells that a row has."""
    if not cells:
        return "''"
    if rows.ragged:
        return f"array_to_string(list_value({', '.join(cells)})[1:width], {literal(delimiter)})"
    return f"concat_ws({', '.join([literal(delimiter), *cells])})"


def _cell(number: int, column: Column, form: LineFormat) -> str:
    name = f"c{number}"
    text = f"to_base64({name})" if form.base64 and column.sql_type == "BLOB" else text_of(column, name, form.date)
    if column.nullable:
        text = f"coalesce({text}, {literal(form.null)})"
    return _csv(text, column, number == 0, form) if form.csv else text


def _csv(text: str, column: Column, first: bool, form: LineFormat) -> str:
    """A csv cell. One look tells the cells that need nothing, which are most."""
    plain = column.kind in (Kind.LONG, Kind.BOOL, Kind.DOUBLE) and form.delimiter in PLAIN_DELIMITERS
    if plain and not form.force and not column.nullable:
        return text
    if form.force:
        return _quoted(f"trim({text}, {literal(TRIMMED)})") if TRIMMED else text
    marks = "".join(f"\\x{{{ord(each):x}}}" for each in '"' + form.delimiter + form.end)
    special = rf"[{marks}]|^[\x00-\x20]|[\x00-\x20]$" if form.qualify else r"^[\x00-\x20]|[\x00-\x20]$"
    needs = f"regexp_matches({text}, {literal(special)})"
    if first:
        needs += f" OR {text} = '' OR starts_with({text}, '#')"
    return f"CASE WHEN {needs} THEN {_careful(text, first, form)} ELSE {text} END"


def _careful(text: str, first: bool, form: LineFormat) -> str:
    trimmed = f"trim({text}, {literal(TRIMMED)})"
    if not form.qualify:
        return trimmed
    marks = [f"contains({trimmed}, {literal(each)})" for each in ('"', form.delimiter, form.end)]
    if first:
        marks += [f"{trimmed} = ''", f"starts_with({trimmed}, '#')"]
    return f"CASE WHEN {' OR '.join(marks)} THEN {_quoted(trimmed)} ELSE {trimmed} END"


def _quoted(text: str) -> str:
    return f"""'"' || replace({text}, '"', '""') || '"'"""


def csv_cell(text: str, first: bool, form: LineFormat) -> str:
    """The same for a text known beforehand, such as a column's name in the header."""
    trimmed = text.strip(TRIMMED)
    special = any(mark in trimmed for mark in ('"', form.delimiter, form.end))
    if form.force or (form.qualify and (special or (first and (not trimmed or trimmed.startswith("#"))))):
        return '"' + trimmed.replace('"', '""') + '"'
    return trimmed


def texts(rows: Counted, null: str) -> list[str]:
    """Each column as DataX's text, NULL as the word for it."""
    form = LineFormat(null=null)
    return [_cell(number, column, form) for number, column in enumerate(rows.columns)]

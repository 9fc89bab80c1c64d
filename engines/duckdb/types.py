"""DataX's six kinds of value, and how each stands in DuckDB.

DataX turns every value into one of six kinds and loses what does not fit. Here a column keeps the type that it has in its
source (`sql_type`, a DuckDB type), and the kind only decides what DataX's rules say about it: its text, its comparison.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    LONG = "LONG"
    DOUBLE = "DOUBLE"
    STRING = "STRING"
    DATE = "DATE"
    BOOL = "BOOL"
    BYTES = "BYTES"


class DatePart(StrEnum):
    """What of a date counts: DataX prints a date of a database without its time."""

    DATETIME = "DATETIME"
    DATE = "DATE"
    TIME = "TIME"


# DataX's common.column settings, as it ships them.
DATE_TEXT = {
    DatePart.DATETIME: "%Y-%m-%d %H:%M:%S",
    DatePart.DATE: "%Y-%m-%d",
    DatePart.TIME: "%H:%M:%S",
}
# Stands for a year until it is put in: no date format holds it.
YEAR_MARK = "\x1f"
# Stands before what strftime prints otherwise than Java: milliseconds keep their zeros there, and a half of the day is English.
BARE = "\x1e"
HALVES = {"AM": "上午", "PM": "下午"}
# Hours that DataX's time zone, GMT+8, is ahead of UTC. Only the comparison of a date with a number sees it.
ZONE_HOURS = 8


@dataclass(frozen=True, slots=True)
class Column:
    """One column on its way. A DOUBLE of a text file is VARCHAR here: DataX keeps its digits as they stand."""

    kind: Kind
    sql_type: str = "VARCHAR"
    part: DatePart = DatePart.DATETIME
    nullable: bool = True
    name: str = ""


def literal(value: str) -> str:
    """A string as SQL text. DuckDB's parser stops at a NUL, so that one is put in by a function."""
    parts = ["'" + part.replace("'", "''") + "'" for part in value.split("\0")]
    return parts[0] if len(parts) == 1 else f"({' || chr(0) || '.join(parts)})"


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text_of(column: Column, expression: str, date_format: str | None = None) -> str:
    """SQL for the value as DataX's `asString` gives it; NULL stays NULL. `date_format` is in strftime's letters."""
    if column.kind is Kind.DATE and column.sql_type != "VARCHAR":
        return _printed(expression, date_format or DATE_TEXT[column.part])
    if column.kind is Kind.DATE and column.part is DatePart.TIME:
        return _printed_time(expression, date_format)
    if column.sql_type == "BLOB":
        # Bytes that are no UTF-8 are shown as escapes: DataX would lose them.
        return f"coalesce(TRY(decode({expression})), CAST({expression} AS VARCHAR))"
    if column.sql_type == "VARCHAR":
        return expression
    return f"CAST({expression} AS VARCHAR)"


def _printed(moment: str, date_format: str) -> str:
    text = _with_years(moment, date_format)
    if BARE not in date_format:
        return text
    text = rf"regexp_replace({text}, '{BARE}0{{0,2}}([0-9])', '\1', 'g')"
    for english, chinese in HALVES.items():
        text = f"replace({text}, '{BARE}{english}', '{chinese}')"
    return text


def _with_years(moment: str, date_format: str) -> str:
    """Years before Christ are counted backwards from the year 1 and, as by Java, shown without saying so."""
    usual = f"strftime({moment}, {literal(date_format)})"
    if "%Y" not in date_format:
        return usual
    marked = f"strftime({moment}, {literal(date_format.replace('%Y', YEAR_MARK))})"
    year = f"lpad(CAST(1 - year({moment}) AS VARCHAR), 4, '0')"
    ancient = f"replace({marked}, '{YEAR_MARK}', {year})"
    return f"CASE WHEN {moment} < DATE '0001-01-01' AND isfinite({moment}) THEN {ancient} ELSE {usual} END"


def _printed_time(time: str, date_format: str | None) -> str:
    """A time of day, which may be more than a day in MySQL. Without a format it loses the fraction of a second and the zone."""
    if date_format is None:
        return rf"regexp_replace({time}, '([0-9])(\.[0-9]+)?([+-][0-9:]+)?$', '\1')"
    moment = f"TRY_CAST('1970-01-01 ' || {time} AS TIMESTAMP)"
    return f"coalesce({_printed(moment, date_format)}, {time})"

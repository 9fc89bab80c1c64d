"""What a value becomes on its way into a column of a database: DataX's rules, as SQL that DuckDB writes into a CSV. Pure."""

from dataclasses import dataclass
from enum import Enum, auto

from engines.duckdb.failure import Failure
from engines.duckdb.rdbms import codes
from engines.duckdb.types import ZONE_HOURS, Column, DatePart, Kind, text_of


class Shape(Enum):
    """What a column of the target takes, as far as DataX tells it apart."""

    TEXT = auto()
    NUMBER = auto()
    TINY = auto()
    YEAR = auto()
    BOOL = auto()
    BIT = auto()
    DIGITS = auto()
    DATE = auto()
    DATETIME = auto()
    TIME = auto()
    BYTES = auto()


DATES = (Shape.DATE, Shape.DATETIME, Shape.TIME)


@dataclass(frozen=True, slots=True)
class Target:
    """One column of the target table; PostgreSQL's own numbers of its type, and of the type's length or precision."""

    name: str
    shape: Shape
    type_id: int = 0
    modifier: int = -1


@dataclass(frozen=True, slots=True)
class Cell:
    """`sql` gives the text of a cell; where not `quoted` the text holds no quote, comma or line's end."""

    sql: str
    quoted: bool = True


@dataclass(frozen=True, slots=True)
class Rules:
    """`hex` is what stands before bytes in hexadecimal, `empty` what stands for no bytes at all. `bare_dates` need no quotes."""

    hex: str
    empty: str
    empty_as_null: bool = True
    era: bool = False
    bare_dates: bool = False


# PostgreSQL writes years before Christ as `0044-03-15 BC`, and takes `\\x` and no more for no bytes.
POSTGRESQL = Rules("\\x", "\\x", era=True, bare_dates=True)
# An expression that MySQL takes for an empty text, without a quote in it. A date without quotes would be a sum there.
MYSQL = Rules("0x", "SPACE(0)")

# Stands before a text that is to be refused as a date.
NOT_A_DATE = "not a date: "
# What DataX takes for a date: one of its formats at the beginning, whatever follows.
_DATE_TEXT = r"\d{1,9}-\d{1,2}-\d{1,2}(\D.*)?|\d{8}"
_TIME_TEXT = r"\d{1,2}:\d{1,2}:\d{1,2}(\D.*)?"
_CLOCK = r" (\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?)"
_EPOCH_DAY = "1970-01-01 "


def cell(column: Column, name: str, target: Target, rules: Rules) -> Cell:
    """Raises Failure where DataX has no way from the one to the other at all."""
    shape = target.shape
    if shape in DATES:
        return _date(column, name, shape, rules)
    if shape is Shape.BYTES:
        return _bytes(column, name, target, rules)
    if shape is Shape.BIT:
        return _bit(column, name, target, rules)
    if shape is Shape.TINY:
        return _tiny(column, name)
    if shape is Shape.DIGITS and column.kind is Kind.BOOL and column.sql_type == "BOOLEAN":
        # PostgreSQL's bits are a text of ones and zeros, and DataX reads a single one as a boolean.
        return Cell(f"CASE {name} WHEN true THEN '1' WHEN false THEN '0' END", quoted=False)
    if shape is Shape.YEAR:
        # The number 0 is MySQL's year 0000, the text 0 its year 2000.
        return Cell(f"regexp_replace(nullif({text_of(column, name)}, ''), '^0+$', '0000')")
    if shape is Shape.NUMBER and column.kind is Kind.STRING and rules.empty_as_null:
        return Cell(f"nullif({name}, '')")
    if shape in (Shape.NUMBER, Shape.BOOL) and column.kind is Kind.LONG and column.sql_type != "VARCHAR":
        return Cell(name, quoted=False)
    return Cell(text_of(column, name))


def _tiny(column: Column, name: str) -> Cell:
    """MySQL's TINYINT is DataX's boolean too: it takes the whole part of whatever has one."""
    if column.kind is Kind.BOOL and column.sql_type == "BOOLEAN":
        return Cell(f"CAST({name} AS TINYINT)", quoted=False)
    if column.kind is Kind.BOOL:
        return Cell(f"CASE lower({name}) WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE {name} END")
    text = text_of(column, name)
    return Cell(f"split_part({text}, '.', 1)" if column.kind is Kind.DOUBLE else text)


def _bit(column: Column, name: str, target: Target, rules: Rules) -> Cell:
    """One bit is a boolean, more are bytes. What is neither goes as it is, for the server to refuse."""
    if column.kind is Kind.BYTES:
        return _hex(name, rules)
    if column.kind in (Kind.DOUBLE, Kind.DATE):
        template = "The column %(name)s takes bits, and the source gives values of the kind %(kind)s, which are none."
        raise Failure(codes.CONVERSION, template, {"name": target.name, "kind": column.kind.value})
    if column.kind is Kind.LONG and column.sql_type != "VARCHAR":
        truth = f"CASE {name} <> 0"
    elif column.kind is Kind.BOOL and column.sql_type == "BOOLEAN":
        truth = f"CASE {name}"
    else:
        truth = f"CASE lower({text_of(column, name)}) = 'true'"
    known = f"{truth} WHEN true THEN '{rules.hex}01' WHEN false THEN '{rules.hex}00' END"
    if column.kind is not Kind.STRING:
        return Cell(known, quoted=False)
    bad = f"lower({name}) NOT IN ('true', 'false')"
    return Cell(f"CASE WHEN {bad} THEN '{rules.hex}' || hex('not a bit: ' || {name}) ELSE {known} END", quoted=False)


def _bytes(column: Column, name: str, target: Target, rules: Rules) -> Cell:
    if column.kind is Kind.BYTES and column.sql_type == "BLOB":
        return _hex(name, rules)
    if column.kind in (Kind.STRING, Kind.BYTES):
        return _hex(f"encode({name})", rules)
    template = "The column %(name)s takes bytes, and the source gives values of the kind %(kind)s, which have none."
    raise Failure(codes.CONVERSION, template, {"name": target.name, "kind": column.kind.value})


def _hex(expression: str, rules: Rules) -> Cell:
    filled = f"'{rules.hex}' || hex({expression})"
    if rules.empty == rules.hex:
        return Cell(filled, quoted=False)
    return Cell(f"CASE WHEN octet_length({expression}) = 0 THEN '{rules.empty}' ELSE {filled} END", quoted=False)


def _date(column: Column, name: str, shape: Shape, rules: Rules) -> Cell:
    if column.kind is Kind.DATE and column.sql_type in ("TIMESTAMP", "DATE"):
        return Cell(_moment(column, name, shape, rules), quoted=not rules.bare_dates)
    if column.kind is Kind.DATE and column.part is DatePart.TIME:
        return Cell(name if shape is Shape.TIME else f"'{_EPOCH_DAY}' || {name}")
    if column.kind is Kind.LONG and column.sql_type != "VARCHAR":
        moment = f"(make_timestamp(CAST({name} AS BIGINT) * 1000) + INTERVAL {ZONE_HOURS} HOUR)"
        return Cell(_moment(Column(Kind.DATE, "TIMESTAMP"), moment, shape, rules), quoted=not rules.bare_dates)
    return Cell(_date_text(text_of(column, name), shape))


def _moment(column: Column, name: str, shape: Shape, rules: Rules) -> str:
    """A date or time that DuckDB knows as one, to the microsecond."""
    if shape is Shape.TIME:
        return (
            f"CAST(CAST({name} AS TIME) AS VARCHAR)"
            if column.sql_type == "TIMESTAMP"
            else f"CASE WHEN {name} IS NOT NULL THEN '00:00:00' END"
        )
    value = f"CAST({name} AS DATE)" if shape is Shape.DATE else name
    if not rules.era:
        return value
    text = f"CAST({value} AS VARCHAR)"
    early = f"isfinite({value}) AND {value} < '0001-01-01'"
    return f"CASE WHEN {early} THEN replace({text}, ' (BC)', '') || ' BC' ELSE {text} END"


def _date_text(text: str, shape: Shape) -> str:
    """A text that DataX takes for a date stays as it is; another is made one that the server surely refuses, with the reason in it."""
    time = text if shape is Shape.TIME else f"'{_EPOCH_DAY}' || {text}"
    clock = f"coalesce(nullif(regexp_extract({text}, '{_CLOCK}', 1), ''), '00:00:00')"
    date = clock if shape is Shape.TIME else text
    return (
        f"CASE WHEN regexp_full_match({text}, '{_DATE_TEXT}', 's') THEN {date} "
        f"WHEN regexp_full_match({text}, '{_TIME_TEXT}', 's') THEN {time} ELSE '{NOT_A_DATE}' || {text} END"
    )

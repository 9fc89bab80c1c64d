"""One column of a text file: what makes a value of it, fast as SQL and exactly as Python, and when it is bad.

Each kind has SQL for the value, for a quick yes (`sure`), and for the verdict on what is not sure: 0 fine after all, 1 bad, or Odd.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engines.duckdb import javatext
from engines.duckdb.dates import JavaDate, read_default
from engines.duckdb.rows import ODD_WORD, Dirty
from engines.duckdb.types import Column, Kind, literal

ODD = f"error({literal(ODD_WORD)})"
# Letters at the start are never a date whose pattern begins with a number.
NO_DATE = "[A-Za-z/_].*|"
MOST_DIGITS = 4000
SHORT_DATE = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2})?"


class BadCell(ValueError):
    """The text is no value of its kind."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A column as the job declares it. `kind` is None for a type that DataX does not know: then no row is good."""

    kind: Kind | None
    index: int | None
    constant: str | None = None
    pattern: JavaDate | None = None
    type_name: str = ""

    def of(self, cells: Sequence[str]) -> str:
        """The text of this column in a record."""
        if self.index is None:
            return self.constant or ""
        if self.index >= len(cells):
            raise BadCell(
                f"您尝试读取的列越界,源文件该行有 [{len(cells)}] 列,您尝试读取第 [{self.index + 1}] 列, 数据详情[{','.join(cells)}]"
            )
        return cells[self.index]

    def column(self, exact: bool, nullable: bool) -> Column:
        kind = self.kind or Kind.STRING
        kept = {Kind.BOOL: "BOOLEAN", Kind.DATE: "TIMESTAMP"}
        sql_type = kept.get(kind, "VARCHAR") if exact or kind is not Kind.LONG else "BIGINT"
        return Column(kind, sql_type, nullable=nullable)


def convert(cell: Cell, text: str) -> str:
    """The value as text that SQL casts without loss: a date as its microseconds. Raises BadCell with DataX's words."""
    if cell.kind is None:
        raise BadCell(f"No enum constant Type.{cell.type_name.upper()}")
    value = _CONVERT[cell.kind](cell, text)
    if value is None:
        name = "BOOLEAN" if cell.kind is Kind.BOOL else cell.kind.value
        raise BadCell(f"类型转换错误, 无法将[{text}] 转换为[{name}]")
    return value


def cast(cell: Cell, x: str) -> str:
    """SQL for the value out of that text."""
    if cell.kind is Kind.DATE:
        return f"make_timestamp(TRY_CAST({x} AS BIGINT))"
    return f"TRY_CAST({x} AS BOOLEAN)" if cell.kind is Kind.BOOL else x


def _bool(cell: Cell, text: str) -> str | None:
    return text.lower() if text.lower() in ("true", "false") else None


def _date(cell: Cell, text: str) -> str | None:
    found = cell.pattern.read(text) if cell.pattern else read_default(text)
    return None if found is None else str(found)


_CONVERT: dict[Kind, Callable[[Cell, str], str | None]] = {
    Kind.STRING: lambda cell, text: text,
    Kind.LONG: lambda cell, text: javatext.long_text(text),
    Kind.DOUBLE: lambda cell, text: javatext.double_text(text),
    Kind.BOOL: _bool,
    Kind.DATE: _date,
}


def values(columns: Sequence[Cell], cells: Sequence[str], null: str | None) -> list[str | None]:
    """A whole record. Raises BadCell."""
    found: list[str | None] = []
    for column in columns:
        text = column.of(cells)
        found.append(_value(column, text, null))
    return found


def _value(column: Cell, text: str, null: str | None) -> str | None:
    """DataX asks for the type before it looks whether the text stands for null."""
    return None if text == null and column.kind is not None else convert(column, text)


def explain(columns: Sequence[Cell], cells: Sequence[str], null: str | None) -> Dirty:
    """What DataX logs of a bad record: the columns before the one that failed, and the reason."""
    good: list[dict[str, Any]] = []
    for number, column in enumerate(columns):
        try:
            text = column.of(cells)
            value = _value(column, text, null)
        except BadCell as reason:
            return Dirty(good, str(reason))
        good.append(_logged(column, number, text, value))
    return Dirty(good, "")


def _logged(column: Cell, number: int, text: str, value: str | None) -> dict[str, Any]:
    shown: Any = value
    size = 0 if value is None else javatext.length(text)
    # Python itself makes no number of more digits.
    if value is not None and column.kind is Kind.LONG and len(value) <= MOST_DIGITS:
        shown = int(value)
    elif value is not None and column.kind is Kind.BOOL:
        shown, size = value == "true", 1
    elif value is not None and column.kind is Kind.DATE:
        shown, size = int(value) // 1000, 8
    found = {"byteSize": size, "index": number, "rawData": shown, "type": str(column.kind)}
    return {name: each for name, each in found.items() if each is not None}


@dataclass(frozen=True, slots=True)
class Fast:
    """SQL over the text of a column, which is `x3` for the fourth. Each is over what those before it gave, so nothing is computed twice:
    `reading` gives `r3`, where it is not empty, and `sure` gives `s3`, unless it is `true`; `verdict` and `value` come last.
    """

    value: str
    sure: str
    verdict: str = "1"
    reading: str = ""


ALWAYS = "true"


def fast(column: Cell, number: int) -> Fast:
    if column.kind is None:
        return Fast("NULL", "false")
    return _FAST[column.kind](column, str(number))


def looked_at(columns: Sequence[Cell], texts: str) -> str:
    """SQL that adds what `fast` reads and is sure of to a SELECT that gives each column's text."""
    made = [fast(column, number) for number, column in enumerate(columns)]
    read = ", ".join(f"{each.reading} AS r{number}" for number, each in enumerate(made) if each.reading)
    sure = ", ".join(f"{each.sure} AS s{number}" for number, each in enumerate(made) if each.sure != ALWAYS)
    if read:
        texts = f"SELECT *, {read} FROM ({texts}) AS texts"
    return f"SELECT *, {sure} FROM ({texts}) AS readings" if sure else texts


def _fast_long(column: Cell, n: str) -> Fast:
    x = f"x{n}"
    # Leading zeros, a sign, a fraction that Java cuts off: rarer, but no reason to leave the fast way.
    usual = r"[+-]?[0-9]{1,18}(\.[0-9]*)?"
    whole = f"CAST(regexp_extract({x}, '^[+-]?[0-9]+') AS BIGINT)"
    verdict = f"CASE WHEN regexp_full_match({x}, '{usual}') THEN 0 WHEN {_no_number(x)} THEN 1 ELSE {ODD} END"
    value = f"CASE WHEN s{n} THEN r{n} WHEN regexp_full_match({x}, '{usual}') THEN {whole} END"
    return Fast(value, f"coalesce(CAST(r{n} AS VARCHAR) = {x}, false)", verdict, f"TRY_CAST({x} AS BIGINT)")


def _no_number(x: str) -> str:
    """True for what is surely no number: empty, or ASCII with a character that no number has."""
    return f"{x} = '' OR (NOT regexp_matches({x}, '[^ -~]') AND regexp_matches({x}, '[^0-9eE.+-]'))"


def _fast_double(column: Cell, n: str) -> Fast:
    x = f"x{n}"
    usual = r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?"
    special = f"lower({x}) IN ('nan', 'infinity', '-infinity')"
    verdict = f"CASE WHEN {special} THEN 0 WHEN {_no_number(x)} THEN 1 ELSE {ODD} END"
    return Fast(x, f"regexp_full_match({x}, '{usual}')", verdict)


def _fast_bool(column: Cell, n: str) -> Fast:
    value = f"CASE r{n} WHEN 'true' THEN true WHEN 'false' THEN false END"
    return Fast(value, f"r{n} IN ('true', 'false')", reading=f"lower(x{n})")


def _fast_date(column: Cell, n: str) -> Fast:
    x = f"x{n}"
    verdict = f"CASE WHEN regexp_full_match({x}, '{NO_DATE}') THEN 1 ELSE {ODD} END"
    if column.pattern is None:
        # The text must be what DuckDB itself prints: then it is what DataX's patterns take it for. A date it prints with the midnight, a
        # year before the first one in brackets, and what is infinite without a blank.
        printed = f"CAST(r{n} AS VARCHAR) = CASE WHEN contains({x}, ' ') THEN {x} ELSE {x} || ' 00:00:00' END"
        sure = f"coalesce({printed} AND NOT contains({x}, '('), false)"
        # Without leading zeros: rarer, but no reason to leave the fast way.
        short = f"try_strptime({x}, ['%Y-%m-%d %H:%M:%S', '%Y-%m-%d'])"
        readable = f"regexp_full_match({x}, '{SHORT_DATE}') AND {short} IS NOT NULL"
        verdict = f"CASE WHEN {readable} THEN 0 ELSE {verdict} END"
        return Fast(f"CASE WHEN s{n} THEN r{n} ELSE {short} END", sure, verdict, f"TRY_CAST({x} AS TIMESTAMP)")
    usual = column.pattern.usual
    if usual is None:
        return Fast("CAST(NULL AS TIMESTAMP)", "false", verdict if column.pattern.parts[0].letter else ODD)
    expression, form = (literal(each) for each in usual)
    sure = f"coalesce(regexp_full_match({x}, {expression}) AND r{n} IS NOT NULL, false)"
    return Fast(f"r{n}", sure, verdict if column.pattern.parts[0].letter else ODD, f"try_strptime({x}, {form})")


_FAST: dict[Kind, Callable[[Cell, str], Fast]] = {
    Kind.STRING: lambda column, n: Fast(f"x{n}", ALWAYS),
    Kind.LONG: _fast_long,
    Kind.DOUBLE: _fast_double,
    Kind.BOOL: _fast_bool,
    Kind.DATE: _fast_date,
}

"""streamreader: rows made out of nothing, constant or random."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from engines.duckdb import javatext
from engines.duckdb.dates import JavaDate, PatternError
from engines.duckdb.parameters import Arguments, Codes, Parameter
from engines.duckdb.plugins import Plugin
from engines.duckdb.rows import Rows
from engines.duckdb.session import Session
from engines.duckdb.types import Column, Kind, literal

CODES = Codes(required="StreamReader-00", illegal="StreamReader-01")
TYPE_ILLEGAL = "StreamReader-02"
CONVERSION = "Common-01"
DEFAULT_DATE = "yyyy-MM-dd HH:mm:ss"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

PARAMETERS = (
    Parameter("sliceRecordCount", note="Rows of each channel."),
    Parameter(
        "column",
        note="`type`, `value`, `random`, `dateFormat` of each; a value wins over random, `name` has no effect.",
    ),
)


class NotWhole(ValueError):
    """An end of a random range is no number of Java's int."""


@dataclass(frozen=True, slots=True)
class Made:
    """One column: SQL that makes its value, and its size as DataX counts bytes."""

    column: Column
    expression: str
    size: float


@dataclass(frozen=True, slots=True)
class StreamSlice:
    name: str
    columns: tuple[Made, ...]
    records: int

    @contextmanager
    def open(self, session: Session, exact: bool) -> Iterator[Rows]:
        made = ", ".join(f"{each.expression} AS c{number}" for number, each in enumerate(self.columns))
        size = sum(each.size for each in self.columns)
        yield Rows(
            select=f"SELECT {made} FROM range({self.records}) AS made(i)",
            columns=tuple(each.column for each in self.columns),
            row_bytes=lambda: size,
        )


@dataclass(frozen=True, slots=True)
class StreamReader:
    columns: tuple[Made, ...]
    records: int

    def slices(self, session: Session, channels: int) -> Sequence[StreamSlice]:
        return [StreamSlice(f"channel {number}", self.columns, self.records) for number in range(channels)]


def plan(arguments: Arguments) -> StreamReader:
    columns = arguments.raw("column")
    if not isinstance(columns, list) or not columns or not all(isinstance(each, dict) for each in columns):
        arguments.refuse("column", "column must be a list of objects with a type and a value.", code=CODES.required)
        columns = []
    if arguments.raw("sliceRecordCount") is None:
        template = "streamreader needs the parameter sliceRecordCount."
        arguments.refuse("sliceRecordCount", template, code=CODES.required)
    records = arguments.number("sliceRecordCount", 1, minimum=1)
    return StreamReader(tuple(_made(arguments, number, each) for number, each in enumerate(columns)), records)


def _made(arguments: Arguments, number: int, column: Mapping[str, Any]) -> Made:
    """One column, constant or random. Problems are noted; the answer is then of no use."""
    place = f"column/{number}"
    for name in set(column) - {"type", "value", "random", "dateFormat", "name"}:
        arguments.refuse(f"{place}/{name}", "streamreader here does not know %(name)s in a column.", {"name": name})
    kind = _kind(arguments, place, column)
    value, random = _text(column.get("value")), _text(column.get("random"))
    if not value.strip() and not random.strip():
        arguments.refuse(place, "A column needs a value or random.", code=CODES.required)
        return _null(kind)
    try:
        form = JavaDate.to_read(_text(column.get("dateFormat")).strip() or DEFAULT_DATE)
        return _constant(kind, value, form) if value.strip() else _random(kind, random, form)
    except PatternError:
        template = (
            "The date format %(format)s cannot be read here exactly as Java does; run this job with the engine datax."
        )
        arguments.refuse(f"{place}/dateFormat", template, {"format": column.get("dateFormat")})
    except NotWhole:
        template = "random must be two whole numbers below 2147483648, not %(random)s."
        arguments.refuse(f"{place}/random", template, {"random": random}, TYPE_ILLEGAL)
    except ValueError:
        code = CONVERSION if value.strip() and kind in (Kind.LONG, Kind.DOUBLE) else None
        values = {"value": value or random, "kind": kind.value}
        arguments.refuse(place, "%(value)s cannot be read as %(kind)s.", values, code)
    return _null(kind)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _kind(arguments: Arguments, place: str, column: Mapping[str, Any]) -> Kind:
    name = _text(column.get("type")).strip().upper() or "STRING"
    if name in Kind.__members__:
        return Kind(name)
    arguments.refuse(f"{place}/type", "streamreader has no type %(type)s.", {"type": name}, TYPE_ILLEGAL)
    return Kind.STRING


def _null(kind: Kind) -> Made:
    return Made(Column(kind), "NULL", 0)


def _constant(kind: Kind, value: str, form: JavaDate) -> Made:
    if kind is Kind.STRING:
        return Made(Column(kind, nullable=False), literal(value), javatext.length(value))
    if kind is Kind.BYTES:
        return Made(Column(kind, "BLOB", nullable=False), f"encode({literal(value)})", len(value.encode()))
    if kind is Kind.BOOL:
        return Made(Column(kind, "BOOLEAN", nullable=False), "true" if value.lower() == "true" else "false", 1)
    if kind is Kind.DATE:
        return Made(Column(kind, "TIMESTAMP", nullable=False), _timestamp(_moment(form, value)), 8)
    return _number(kind, value)


def _number(kind: Kind, value: str) -> Made:
    """A LONG may be longer than any integer of DuckDB: then it stays text, as a DOUBLE does to keep its digits."""
    text = javatext.long_text(value) if kind is Kind.LONG else javatext.double_text(value)
    if text is None:
        raise ValueError(value)
    if kind is Kind.LONG and -(2**63) <= int(text) < 2**63:
        return Made(Column(kind, "BIGINT", nullable=False), f"CAST({literal(text)} AS BIGINT)", len(value))
    return Made(Column(kind, nullable=False), literal(text), len(value))


def _moment(form: JavaDate, text: str) -> int:
    found = form.read(text)
    if found is None:
        raise ValueError(text)
    return found


def _timestamp(micros: int) -> str:
    return f"make_timestamp(CAST({micros} AS BIGINT))"


def _random(kind: Kind, words: str, form: JavaDate) -> Made:
    """`random` is two ends of a range; what they mean depends on the kind."""
    match = re.fullmatch(r"\s*(.*)\s*,\s*(.*)\s*", words)
    if match is None:
        raise ValueError(words)
    low, high = (_moment(form, end) // 1000 if kind is Kind.DATE else _whole(end) for end in match.groups())
    if low < 0 or high < 0 or (low > high and kind is not Kind.BOOL):
        raise ValueError(words)
    return _RANDOM[kind](low, high)


def _whole(text: str) -> int:
    number = int(text) if re.fullmatch(r"[+-]?\d+", text) else javatext.INT_MAX + 1
    if abs(number) > javatext.INT_MAX:
        raise NotWhole(text)
    return number


def _between(low: int, high: int) -> str:
    return f"CAST(floor({low} + random() * {high - low + 1}) AS BIGINT)"


def _word(low: int, high: int) -> str:
    letter = f"substr('{LETTERS}', 1 + CAST(floor(random() * {len(LETTERS)}) AS INTEGER), 1)"
    return f"array_to_string(list_transform(range({_between(low, high)}), lambda k: {letter}), '')"


def _random_bool(low: int, high: int) -> Made:
    """DataX's own reading of the two numbers: a share of false to true, with its corner cases."""
    low, high = (0, 1) if low == high else (low, high)
    share = "true" if low == 0 else "false" if high == 0 else f"{_between(0, low + high)} > {low}"
    return Made(Column(Kind.BOOL, "BOOLEAN", nullable=False), share, 1)


_RANDOM = {
    Kind.LONG: lambda low, high: Made(Column(Kind.LONG, "BIGINT", nullable=False), _between(low, high), 8),
    Kind.DOUBLE: lambda low, high: Made(
        Column(Kind.DOUBLE, "DOUBLE", nullable=False), f"{low} + random() * {high - low + 1}", 17
    ),
    Kind.STRING: lambda low, high: Made(Column(Kind.STRING, nullable=False), _word(low, high), (low + high) / 2),
    Kind.BYTES: lambda low, high: Made(
        Column(Kind.BYTES, "BLOB", nullable=False), f"encode({_word(low, high)})", (low + high) / 2
    ),
    Kind.DATE: lambda low, high: Made(
        Column(Kind.DATE, "TIMESTAMP", nullable=False), f"make_timestamp({_between(low, high)} * 1000)", 8
    ),
    Kind.BOOL: _random_bool,
}

PLUGIN: Plugin[StreamReader] = Plugin("streamreader", PARAMETERS, CODES, plan)

"""What the transformers share: their parameters, and the SELECT that each wraps around the rows.

A wrong parameter is found by DataX only at each row, which then counts as a bad record; so it is here (`Spoilt`). A column
that no row has fails the job.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engines.duckdb.failure import DESCRIPTIONS, Failure
from engines.duckdb.parameters import Arguments, Codes, Parameter
from engines.duckdb.rows import Fate, Rows
from engines.duckdb.types import Column, Kind, literal, text_of

ILLEGAL, FAILED = "TransformerErrorCode-05", "TransformerErrorCode-06"
CODES = Codes(required=ILLEGAL, illegal=ILLEGAL)


def parameters(paras: str) -> tuple[Parameter, ...]:
    return (
        Parameter("columnIndex", note="From 0."),
        Parameter("paras", note=paras),
        Parameter("context", note="Has no meaning for this transformer."),
    )


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one row, as SQL over the column's value and text. `value` None leaves the column as it is.

    `filtered` is true for rows to drop; `bad` for rows that fail, with `why`. Both see only rows that are good so far.
    """

    value: str | None = None
    filtered: str | None = None
    bad: str | None = None
    why: str = "''"


class Illegal(ValueError):
    """The parameters are wrong; every row is a bad record, as in DataX."""

    def __init__(self, reason: str, code: str = ILLEGAL) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Step:
    """One transformer with its parameters. `change` gives the SQL for a column of a kind."""

    name: str
    index: int
    paras: tuple[str, ...]
    change: Callable[[Column, str, tuple[str, ...]], Change]

    def apply(self, rows: Rows) -> Rows:
        if self.index >= len(rows.columns) and rows.columns:
            values = {"index": self.index, "count": len(rows.columns), "name": self.name}
            raise Failure(
                ILLEGAL, "%(name)s: columnIndex %(index)s is out of bounds, rows have %(count)s columns.", values
            )
        if not rows.columns:
            return rows
        column = rows.columns[self.index]
        try:
            return _wrapped(rows, self.index, self.name, self.change(column, f"c{self.index}", self.paras))
        except Illegal as reason:
            words = f"paras:[{', '.join([str(self.index), *self.paras])}] => {reason}"
            spoilt = Change(
                bad="true", why=literal(f"Code:[{reason.code}], Description:[{DESCRIPTIONS[reason.code]}]. - {words}")
            )
            return _wrapped(rows, self.index, self.name, spoilt)


def planned(change: Callable[[Column, str, tuple[str, ...]], Change]) -> Callable[[Arguments], Step]:
    def plan(arguments: Arguments) -> Step:
        if arguments.raw("columnIndex") is None:
            arguments.refuse("columnIndex", "%(plugin)s needs the parameter columnIndex.", code=CODES.required)
        index = arguments.number("columnIndex", 0)
        return Step(arguments.plugin, index, tuple(arguments.texts("paras")), change)

    return plan


def expect(paras: Sequence[str], count: int, name: str) -> None:
    """DataX counts the column among the parameters."""
    if len(paras) != count:
        raise Illegal(f"{name} paras length must be {count + 1}")


def whole(text: str) -> int:
    """Java's Integer.valueOf."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits.isdecimal() or not -(2**31) <= int(text) < 2**31:
        raise Illegal(f'For input string: "{text}"')
    return int(text)


def _wrapped(rows: Rows, index: int, name: str, change: Change) -> Rows:
    """The SELECT around the rows. Rows that have met their fate before are handed on as they are."""
    names = rows.names()
    columns = list(rows.columns)
    if change.value is not None:
        good = "fate = 0" if rows.judged else "true"
        names[index] = f"CASE WHEN {good} THEN {change.value} END AS c{index}"
        columns[index] = Column(Kind.STRING, nullable=rows.columns[index].nullable)
    judging = _judging(rows, index, name, change)
    width = ["width"] if rows.ragged else []
    select = f"SELECT {', '.join([*names, *judging, *width])} FROM ({rows.select}) AS before"
    return Rows(select, tuple(columns), True, rows.ragged, rows.explain, rows.row_bytes)


def _judging(rows: Rows, index: int, name: str, change: Change) -> list[str]:
    before = ("fate", "why", "raw") if rows.judged else (str(int(Fate.PASSES)), "NULL", "NULL::VARCHAR[]")
    bad = change.bad or "false"
    if rows.ragged:
        # DataX stumbles over a column that this row does not have.
        bad = f"(width <= {index} OR {bad})"
    cases = f"WHEN {bad} THEN {Fate.BAD_TRANSFORM} WHEN {change.filtered or 'false'} THEN {Fate.FILTERED}"
    waits = f"WHEN {before[0]} <> 0 THEN {before[0]} " if rows.judged else ""
    words = f"'transformer({name}) has Exception(' || {change.why} || ')'"
    why = f"CASE WHEN {before[0]} = 0 THEN {words} ELSE {before[1]} END" if rows.judged else words
    return [f"CASE {waits}{cases} ELSE 0 END AS fate", f"{why} AS why", f"{before[2]} AS raw"]


def failure(reason: str) -> str:
    """SQL for the words of a row that failed; `reason` is SQL too."""
    return f"{literal(f'Code:[{FAILED}], Description:[{DESCRIPTIONS[FAILED]}]. - ')} || {reason}"


def text(column: Column, name: str) -> str:
    return text_of(column, name)

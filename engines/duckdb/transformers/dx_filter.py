"""dx_filter: drops the rows that match. What NULL means depends on the operator."""

import re
from collections.abc import Callable

from engines.duckdb.parameters import Arguments
from engines.duckdb.plugins import Plugin
from engines.duckdb.transformers.regex import Untranslatable, translated
from engines.duckdb.transformers.step import (
    CODES,
    FAILED,
    Change,
    Illegal,
    Step,
    expect,
    failure,
    parameters,
    planned,
    text,
)
from engines.duckdb.types import ZONE_HOURS, Column, Kind, literal

COMPARE = {">": ">", "<": "<", ">=": ">=", "<=": "<=", "=": "=", "==": "=", "!=": "<>"}
_JAVA_DOUBLE = re.compile(r"[+-]?(NaN|Infinity|((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)[fFdD]?)")


def change(column: Column, name: str, paras: tuple[str, ...]) -> Change:
    expect(paras, 2, "dx_filter")
    operator, value = paras[0].lower(), paras[1]
    if not value:
        raise Illegal("dx_filter para 2 can't be null")
    if operator in ("like", "not like"):
        return _like(column, name, operator, value)
    if operator not in COMPARE:
        raise Illegal(f"dx_filter can't support code:{paras[0]}", FAILED)
    return _compare(column, name, COMPARE[operator], value)


def _like(column: Column, name: str, operator: str, value: str) -> Change:
    """NULL matches nothing: `like` keeps it, `not like` drops it."""
    matches = f"coalesce(regexp_full_match({text(column, name)}, {literal(translated(value))}), false)"
    return Change(filtered=matches if operator == "like" else f"NOT {matches}")


def _compare(column: Column, name: str, sign: str, value: str) -> Change:
    null = _null(sign, value)
    try:
        found, wanted, bad = _SIDES.get(column.kind, _as_text)(column, name, value)
    except ValueError:
        # DataX reads the parameter only when it meets a value to compare it with.
        return Change(
            filtered=f"{name} IS NULL AND {null}",
            bad=f"{name} IS NOT NULL",
            why=failure(literal(f'For input string: "{value}"')),
        )
    return Change(
        filtered=f"CASE WHEN {name} IS NULL THEN {null} ELSE {_truth(found, sign, wanted)} END",
        bad=f"{name} IS NOT NULL AND {bad}",
        why=failure("'the value is out of range'"),
    )


def _truth(found: str, sign: str, wanted: str) -> str:
    # In Java nothing equals NaN, and nothing is more or less than it.
    if "DOUBLE" in found:
        return f"CASE WHEN isnan({found}) OR isnan({wanted}) THEN {'true' if sign == '<>' else 'false'} ELSE {found} {sign} {wanted} END"
    return f"{found} {sign} {wanted}"


def _null(sign: str, value: str) -> str:
    asked = value.lower() == "null"
    return {"=": str(asked).lower(), "<>": str(not asked).lower()}.get(sign, "false")


def _as_double(column: Column, name: str, value: str) -> tuple[str, str, str]:
    trimmed = value.strip()
    if not _JAVA_DOUBLE.fullmatch(trimmed):
        raise ValueError(value)
    number = trimmed if trimmed.endswith(("NaN", "Infinity")) else trimmed.rstrip("fFdD")
    found = f"TRY_CAST({name} AS DOUBLE)"
    # The column takes any case of these words, the comparison only these.
    odd = f"({found} IS NULL OR (NOT isfinite({found}) AND CAST({name} AS VARCHAR) NOT IN ('NaN', '-Infinity')))"
    bad = odd if column.sql_type == "VARCHAR" else f"{found} IS NULL"
    return found, f"CAST({literal(number)} AS DOUBLE)", bad


def _whole(value: str) -> int:
    """Java's Long.parseLong."""
    if not re.fullmatch(r"[+-]?\d+", value) or not -(2**63) <= int(value) < 2**63:
        raise ValueError(value)
    return int(value)


def _as_long(column: Column, name: str, value: str) -> tuple[str, str, str]:
    found = f"TRY_CAST({name} AS BIGINT)"
    return found, f"CAST({literal(str(_whole(value)))} AS BIGINT)", f"{found} IS NULL"


def _as_moment(column: Column, name: str, value: str) -> tuple[str, str, str]:
    """Milliseconds since 1970, the text of the date read in DataX's zone."""
    found = f"(epoch_ms(CAST({name} AS TIMESTAMP)) - {ZONE_HOURS * 3_600_000})"
    return found, f"CAST({literal(str(_whole(value)))} AS BIGINT)", "false"


def _as_text(column: Column, name: str, value: str) -> tuple[str, str, str]:
    return text(column, name), literal(value), "false"


_SIDES: dict[Kind, Callable[[Column, str, str], tuple[str, str, str]]] = {
    Kind.DOUBLE: _as_double,
    Kind.LONG: _as_long,
    Kind.DATE: _as_moment,
}


def plan(arguments: Arguments) -> Step:
    """As for the others, and a look at the regular expression: DuckDB's know less than Java's."""
    step = planned(change)(arguments)
    if len(step.paras) == 2 and step.paras[0].lower() in ("like", "not like"):
        try:
            translated(step.paras[1])
        except Untranslatable as reason:
            template = "The engine datax must run this: %(part)s in %(pattern)s does not match here as it does in Java."
            arguments.refuse("paras/1", template, {"pattern": step.paras[1], "part": str(reason)})
    return step


PLUGIN: Plugin[Step] = Plugin(
    "dx_filter",
    parameters("`like`, `not like` (a regular expression), `>`, `<`, `=`, `==`, `!=`, `>=`, `<=`; then the value."),
    CODES,
    plan,
)

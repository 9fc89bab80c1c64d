"""dx_replace: another text in place of a part. NULL stays."""

from engines.duckdb.plugins import Plugin
from engines.duckdb.transformers import units
from engines.duckdb.transformers.step import CODES, Change, Step, expect, failure, parameters, planned, text, whole
from engines.duckdb.types import Column, literal


def change(column: Column, name: str, paras: tuple[str, ...]) -> Change:
    expect(paras, 3, "dx_replace")
    start, count, new = whole(paras[0]), whole(paras[1]), paras[2]
    x = text(column, name)
    size = units.length(x)
    after = start + count
    reason = f"'dx_replace startIndex({start}) out of range(' || {size} || ')'"
    # Java lets the rest begin before the place of the replacement, but not before the text.
    bad = "true" if start < 0 else f"({start} > {size} OR ({after} < {size} AND {after} < 0))"
    rest = f"CASE WHEN {after} >= {size} THEN '' ELSE {units.cut(x, str(after), size)} END"
    return Change(
        value=f"{units.cut(x, '0', str(start))} || {literal(new)} || {rest}",
        bad=f"{x} IS NOT NULL AND {bad}",
        why=failure(f"coalesce({reason}, '')"),
    )


PLUGIN: Plugin[Step] = Plugin("dx_replace", parameters("Start from 0, length, the new text."), CODES, planned(change))

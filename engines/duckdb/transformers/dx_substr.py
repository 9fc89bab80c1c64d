"""dx_substr: a part of a text. NULL stays."""

from engines.duckdb.javatext import INT_MAX
from engines.duckdb.plugins import Plugin
from engines.duckdb.transformers import units
from engines.duckdb.transformers.step import CODES, Change, Step, expect, failure, parameters, planned, text, whole
from engines.duckdb.types import Column


def change(column: Column, name: str, paras: tuple[str, ...]) -> Change:
    expect(paras, 2, "dx_substr")
    start, count = whole(paras[0]), whole(paras[1])
    x = text(column, name)
    size = units.length(x)
    reason = f"'dx_substr startIndex({start}) out of range(' || {size} || ')'"
    # Java's sum of the two goes round to a negative number past its int.
    bad = "true" if start < 0 or count < 0 or start + count > INT_MAX else f"{start} > {size}"
    return Change(
        value=units.cut(x, str(start), f"least({start + count}, {size})"),
        bad=f"{x} IS NOT NULL AND {bad}",
        why=failure(f"coalesce({reason}, '')"),
    )


PLUGIN: Plugin[Step] = Plugin("dx_substr", parameters("Start from 0, length."), CODES, planned(change))

"""dx_pad: a text made as long as asked for, or cut to it. NULL counts as empty."""

from engines.duckdb import javatext
from engines.duckdb.plugins import Plugin
from engines.duckdb.transformers import units
from engines.duckdb.transformers.step import (
    CODES,
    FAILED,
    Change,
    Illegal,
    Step,
    expect,
    parameters,
    planned,
    text,
    whole,
)
from engines.duckdb.types import Column, literal


def change(column: Column, name: str, paras: tuple[str, ...]) -> Change:
    expect(paras, 3, "dx_pad")
    side, size, pad = paras[0].lower(), whole(paras[1]), paras[2]
    if side not in ("l", "r"):
        raise Illegal(f"dx_pad first para({paras[0]}) support l or r", FAILED)
    if size < 0 or not pad:
        # DataX never ends with an empty pad.
        raise Illegal("dx_pad needs a length of 0 or more and something to pad with", FAILED)
    x = f"coalesce({text(column, name)}, '')"
    missing = f"({size} - {units.length(x)})"
    times = f"CAST(ceil({missing} / {javatext.length(pad)}) AS BIGINT)"
    padding = units.cut(f"repeat({literal(pad)}, {times})", "0", missing)
    padded = f"({padding}) || {x}" if side == "l" else f"{x} || ({padding})"
    return Change(value=f"CASE WHEN {missing} <= 0 THEN {units.cut(x, '0', str(size))} ELSE {padded} END")


PLUGIN: Plugin[Step] = Plugin("dx_pad", parameters("`l` or `r`, length, the text to pad with."), CODES, planned(change))

"""dx_digest: the MD5 or SHA-1 of a text. NULL counts as empty."""

from engines.duckdb.plugins import Plugin
from engines.duckdb.transformers.step import CODES, Change, Illegal, Step, expect, parameters, planned, text
from engines.duckdb.types import Column


def change(column: Column, name: str, paras: tuple[str, ...]) -> Change:
    expect(paras, 2, "dx_digest")
    kind, case = paras
    if kind.lower() not in ("md5", "sha1"):
        raise Illegal("dx_digest paras index 1 must be md5 or sha1")
    if case.lower() not in ("touppercase", "tolowercase"):
        raise Illegal("dx_digest paras index 2 must be toUpperCase or toLowerCase")
    x = f"coalesce({text(column, name)}, '')"
    # DataX checks these words without regard to case and then compares them with: `MD5` is SHA-1.
    digest = f"md5({x})" if kind == "md5" else f"sha1({x})"
    return Change(value=f"upper({digest})" if case == "toUpperCase" else digest)


PLUGIN: Plugin[Step] = Plugin(
    "dx_digest", parameters("`md5` or `sha1`; `toUpperCase` or `toLowerCase`."), CODES, planned(change)
)

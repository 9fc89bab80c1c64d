"""Java's substring and length as SQL. Java counts UTF-16 units, DuckDB characters: they part ways beyond the basic plane.

Half of such a character is written by Java as a question mark, so it is here.
"""

_BEYOND = "[\\x{10000}-\\x{10FFFF}]"


def length(x: str) -> str:
    return f"(length({x}) + CASE WHEN {_beyond(x)} THEN len(regexp_extract_all({x}, '{_BEYOND}')) ELSE 0 END)"


def cut(x: str, start: str, end: str) -> str:
    """The units from `start` up to before `end`, counted from 0; both SQL."""
    plain = f"substr({x}, {start} + 1, greatest({end} - ({start}), 0))"
    return f"CASE WHEN {_beyond(x)} THEN {_by_units(x, start, end)} ELSE {plain} END"


def _beyond(x: str) -> str:
    return f"regexp_matches({x}, '{_BEYOND}')"


def _by_units(x: str, start: str, end: str) -> str:
    """Each character as one entry, one beyond the basic plane as two: itself and an empty one."""
    characters = f"regexp_extract_all({x}, '(?s).')"
    units = f"flatten(list_transform({characters}, lambda u: CASE WHEN unicode(u) > 65535 THEN [u, ''] ELSE [u] END))"
    chosen = f"list_slice({units}, {start} + 1, {end})"
    last = f"greatest({end} - ({start}), 0)"
    shown = "CASE WHEN u = '' THEN CASE WHEN i = 1 THEN '?' ELSE '' END WHEN unicode(u) > 65535 AND i = " + last
    return f"array_to_string(list_transform({chosen}, lambda u, i: {shown} THEN '?' ELSE u END), '')"

"""The form in which lines travel through a pipe into DuckDB, and how SQL takes them apart again.

A line is either as it stands in the file, to be split at the delimiter, or prepared: it begins with PREPARED (or BAD, for one that
Python has judged), its cells lie between CELL marks, and the few characters that would break the line are escaped.
"""

import re
from collections.abc import Callable, Sequence

from engines.duckdb.types import literal

PREPARED, BAD = "\x02", "\x03"
CELL = "\x1f"
NULL = "\x10N"
# The delimiter that DuckDB is told of; no line holds it, so every line is one column.
NEVER = "\x1e"
# What makes a line of a record.
Judge = Callable[[list[str]], str]
_ESCAPE = "\x10"
_ESCAPES = {"\n": "n", "\r": "r", CELL: "u", NEVER: "s", "\0": "z", _ESCAPE: "e"}
_SPECIAL = re.compile("[\n\r\x1e\0\x10]")
_TABLE = str.maketrans({character: _ESCAPE + letter for character, letter in _ESCAPES.items()})


def prepared(cells: Sequence[str | None], mark: str = PREPARED) -> str:
    """A line of cells. None is NULL."""
    if None not in cells:
        line = CELL.join(cells)  # type: ignore[arg-type]
        if not _SPECIAL.search(line) and line.count(CELL) == len(cells) - 1:
            return f"{mark}{line}\n"
    return mark + CELL.join(NULL if cell is None else cell.translate(_TABLE) for cell in cells) + "\n"


def split_prepared(line: str) -> str:
    """SQL for the list of cells of a prepared line."""
    cells = f"string_split(substr({line}, 2), chr({ord(CELL)}))"
    plain = "cell"
    for character, letter in _ESCAPES.items():
        plain = f"replace({plain}, chr({ord(_ESCAPE)}) || '{letter}', chr({ord(character)}))"
    null = f"chr({ord(_ESCAPE)}) || 'N'"
    decoded = f"list_transform({cells}, lambda cell: CASE WHEN cell = {null} THEN NULL ELSE {plain} END)"
    return f"CASE WHEN contains({line}, chr({ord(_ESCAPE)})) THEN {decoded} ELSE {cells} END"


def split_plain(line: str, delimiter: str, blanks: str) -> str:
    """SQL for the list of cells of a line as it stands, with the blanks around cells taken away where there are any."""
    cells = f"string_split({line}, {literal(delimiter)})"
    if not blanks:
        return cells
    around = " OR ".join(f"({_stands_around(blank, line, delimiter)})" for blank in blanks)
    trimmed = f"list_transform({cells}, lambda cell: trim(cell, {literal(blanks)}))"
    return f"CASE WHEN {around} THEN {trimmed} ELSE {cells} END"


def _stands_around(blank: str, line: str, delimiter: str) -> str:
    """SQL for whether a blank begins or ends a cell; plain searches take half of what an expression with all of it does."""
    where = (f"contains({line}, {literal(blank + delimiter)})", f"contains({line}, {literal(delimiter + blank)})")
    ends = (f"starts_with({line}, {literal(blank)})", f"ends_with({line}, {literal(blank)})")
    return f"contains({line}, {literal(blank)}) AND ({' OR '.join((*where, *ends))})"


def lines_of(path: str, widest: int) -> str:
    """SQL that reads a pipe as a table of one column, `line`."""
    buffer = max(4 * widest, 1 << 23)
    return (
        f"read_csv({literal(path)}, auto_detect=false, header=false, columns={{'line': 'VARCHAR'}}, delim={literal(NEVER)}, "
        f"quote='', escape='', nullstr='\x1d\x1d', new_line='\\n', strict_mode=false, "
        f"max_line_size={widest}, buffer_size={buffer})"
    )

"""The part of the documentation that the code itself decides: which plugin takes which parameter, and how.

`python -m engines.duckdb.reference` writes docs/engine-duckdb.md anew between its marks.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engines.duckdb.plugins import Plugin
from engines.duckdb.readers import READERS
from engines.duckdb.transformers import TRANSFORMERS
from engines.duckdb.writers import WRITERS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "engine-duckdb.md"
BEGIN, END = "<!-- made by engines.duckdb.reference: begin -->", "<!-- made by engines.duckdb.reference: end -->"
PARTS: tuple[tuple[str, Mapping[str, Plugin[Any]]], ...] = (
    ("Readers", READERS),
    ("Writers", WRITERS),
    ("Transformers", TRANSFORMERS),
)


def tables() -> str:
    """Every plugin and parameter. What is not listed is refused by name."""
    lines: list[str] = []
    for title, registry in PARTS:
        lines += [f"### {title}", "", "| plugin | parameter | here | note |", "|---|---|---|---|"]
        for name, plugin in sorted(registry.items()):
            lines += [
                f"| {name} | {each.name} | {each.support.value} | {each.note.replace('|', '&#124;')} |"
                for each in plugin.parameters
            ]
        lines.append("")
    return "\n".join(lines)


def page(text: str) -> str:
    """The page with its tables made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}{END}{after}"


def main() -> int:
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

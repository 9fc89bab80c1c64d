"""A DataX whose Java is a program of the test's: the engine `datax` then does whatever a test wants, with nothing of DataX."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

# How a Python program begins that is started by its path. The line of the interpreter holds no blank, which a path may: the shell reads
# `exec` and leaves, Python reads a text in three quotes.
PYTHON = f'''#!/bin/sh
\'\'\'exec\' "{sys.executable}" -S "$0" "$@"
\'\'\'
'''

STREAM = ("streamreader", "streamwriter")


def datax(folder: Path, program: str, plugins: Iterable[str] = STREAM) -> dict[str, str]:
    """Lay it out in a folder. `program` is the whole text of `java`. Returns the settings that lead to it."""
    home, java = folder / "datax", folder / "java" / "bin" / "java"
    for name in plugins:
        plugin = home / "plugin" / ("reader" if name.endswith("reader") else "writer") / name
        plugin.mkdir(parents=True)
        (plugin / "plugin.json").write_text(json.dumps({"name": name, "class": "x"}))
    (home / "lib").mkdir()
    (home / "lib" / "datax-core-0.0.1.jar").write_bytes(b"jar")
    java.parent.mkdir(parents=True)
    java.write_text(program)
    java.chmod(0o755)
    return {"DATAX_HOME": str(home), "JAVA_HOME": str(folder / "java")}

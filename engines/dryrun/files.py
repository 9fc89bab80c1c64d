"""Text files: is there something to read, may it be written there."""

import glob
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datax_job.problem import Problem, Text


def look(pointer: str, name: str, parameter: dict[str, Any]) -> Iterator[Problem]:
    yield from _reader(pointer, parameter) if name == "txtfilereader" else _writer(pointer, parameter)


def _reader(pointer: str, parameter: dict[str, Any]) -> Iterator[Problem]:
    paths = parameter.get("path")
    for index, path in enumerate(paths if isinstance(paths, list) else [paths]):
        place = f"{pointer}/path/{index}" if isinstance(paths, list) else f"{pointer}/path"
        found = [path] if os.path.exists(path) else glob.glob(path, recursive=True)
        if not found:
            yield Problem(place, Text("no file is there: %(path)s", {"path": path}))
        for file in found:
            if not os.access(file, os.R_OK):
                yield Problem(place, Text("the worker may not read %(path)s", {"path": file}))


def _writer(pointer: str, parameter: dict[str, Any]) -> Iterator[Problem]:
    folder = Path(parameter["path"])
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not nearest.is_dir():
        yield Problem(f"{pointer}/path", Text("%(path)s is a file, not a folder", {"path": nearest}))
    elif not os.access(nearest, os.W_OK | os.X_OK):
        yield Problem(f"{pointer}/path", Text("the worker may not write into %(path)s", {"path": nearest}))
    elif parameter.get("writeMode") == "nonConflict" and folder.is_dir():
        taken = sorted(file.name for file in folder.iterdir() if file.name.startswith(str(parameter["fileName"])))
        if taken:
            values = {"files": ", ".join(taken[:5])}
            yield Problem(
                f"{pointer}/fileName", Text("writeMode nonConflict finds files of that name: %(files)s", values)
            )

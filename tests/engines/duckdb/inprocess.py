"""Jobs over text files, and running them in this process: DuckDB is loaded once for all."""

import contextlib
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engines.duckdb import __main__ as command

STRINGS = [{"index": 0, "type": "string"}, {"index": 1, "type": "string"}]


@dataclass(frozen=True)
class Outcome:
    exit_code: int
    output: str

    @property
    def read(self) -> int:
        return int(re.findall(r"^读出记录总数\s*:\s*(\d+)$", self.output, re.MULTILINE)[0])

    @property
    def failed(self) -> int:
        return int(re.findall(r"^读写失败总数\s*:\s*(\d+)$", self.output, re.MULTILINE)[0])

    @property
    def code(self) -> str:
        """The error code in the closing words."""
        return re.findall(r"Code:\[(\S+)\]", self.output.rpartition("最可能的错误原因是")[2])[0]

    @property
    def dirty(self) -> list[dict[str, Any]]:
        """What was logged of bad records."""
        return [json.loads(line) for line in re.findall(r"脏数据: \n(.*)", self.output)]


class _Output:
    """Stands in for sys.stdout: the engine writes bytes."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()


def content(
    reader: dict[str, Any], writer: dict[str, Any], *transformers: dict[str, Any], **setting: Any
) -> dict[str, Any]:
    part: dict[str, Any] = {"reader": reader, "writer": writer}
    if transformers:
        part["transformer"] = list(transformers)
    return {"job": {"setting": {"speed": {"channel": 1}, **setting}, "content": [part]}}


def text_reader(path: Path, columns: Any = None, **parameters: Any) -> dict[str, Any]:
    chosen = {"column": STRINGS if columns is None else columns}
    return {"name": "txtfilereader", "parameter": {"path": [str(path)], "fieldDelimiter": ",", **chosen, **parameters}}


def text_writer(folder: Path, **parameters: Any) -> dict[str, Any]:
    given = {"path": str(folder), "fileName": "out", "writeMode": "truncate", "fieldDelimiter": ",", **parameters}
    return {"name": "txtfilewriter", "parameter": {name: value for name, value in given.items() if value is not None}}


def made(*columns: dict[str, Any], rows: int = 1) -> dict[str, Any]:
    return {"name": "streamreader", "parameter": {"sliceRecordCount": rows, "column": list(columns)}}


def run(job: dict[str, Any], folder: Path) -> Outcome:
    """Run a job in this process. The document lies in `folder`."""
    path = folder / "the-job.json"
    path.write_text(json.dumps(job, ensure_ascii=False), encoding="utf-8")
    output = _Output()
    with contextlib.redirect_stdout(output):  # type: ignore[type-var]
        exit_code = command.main([str(path)])
    return Outcome(exit_code, output.buffer.getvalue().decode())


def written(folder: Path) -> list[bytes]:
    """The files that txtfilewriter left, by name; nothing unfinished may lie beside them."""
    assert [path.name for path in folder.glob(".*")] == []
    return [path.read_bytes() for path in sorted(folder.glob("out__*"))]


def through(
    text: str | bytes, folder: Path, columns: Any = None, writer: dict[str, Any] | None = None, **reader: Any
) -> Outcome:
    """A text through reader and writer into `folder/out`."""
    source = folder / "in.txt"
    source.write_bytes(text.encode() if isinstance(text, str) else text)
    setting = reader.pop("setting", {})
    transformers = reader.pop("transformers", [])
    target = text_writer(folder / "out", **(writer or {}))
    return run(content(text_reader(source, columns, **reader), target, *transformers, **setting), folder)

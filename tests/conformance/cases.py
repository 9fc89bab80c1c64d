"""A case: one DataX job, what lies around it, and what Alibaba DataX did with it."""

import bz2
import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "cases"
# The random word in the name of a file that txtfilewriter makes.
RANDOM = re.compile(r"__[0-9a-f]{8}(_[0-9a-f]{4}){3}_[0-9a-f]{12}")


@dataclass(frozen=True)
class Case:
    name: str
    job: dict[str, Any]
    params: dict[str, str]
    files: dict[str, Any]
    setup: dict[str, list[str]]
    expect: dict[str, Any]

    @property
    def needs(self) -> set[str]:
        """The databases that the case talks to: `pg`, `my`."""
        return {kind for kind in ("pg", "my") if f"{{{kind}}}" in json.dumps(self.job) or self.setup.get(kind)}

    @property
    def ordered(self) -> bool:
        """With one channel the order of rows counts, and which row is in which file."""
        return bool(self.job["job"]["setting"].get("speed", {}).get("channel", 1) == 1)

    def document(self, places: Mapping[str, str]) -> dict[str, Any]:
        """The job with its folders and databases filled in."""
        return dict(_filled(self.job, places))


def _filled(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(each, places) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, places) for each in value]
    if isinstance(value, str):
        return re.sub(r"\{(in|out|pg|my)\}", lambda found: places.get(found[1], found[0]), value)
    return value


def load_cases() -> list[Case]:
    return [Case(**json.loads(path.read_text())) for path in sorted(FOLDER.glob("*.json"))]


def write_files(case: Case, inside: Path, outside: Path) -> None:
    for name, content in case.files.items():
        shape = content if isinstance(content, dict) else {"text": content}
        data = shape["text"].encode(shape.get("encoding", "utf-8"))
        target = outside / name.removeprefix("@out/") if name.startswith("@out/") else inside / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.compress(data) if shape.get("gzip") else data)


def written_files(folder: Path, expected: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Every file under the folder as name and text, read with the character set and packing that the case names."""
    shapes = {each["name"]: each for each in expected}
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = RANDOM.sub("__<id>", str(path.relative_to(folder)))
        shape = shapes.get(name, {})
        unpack = {"gzip": gzip.decompress, "bzip2": bz2.decompress}.get(shape.get("compress") or "", bytes)
        found.append((name, unpack(path.read_bytes()).decode(shape.get("encoding") or "utf-8")))
    return sorted(found)

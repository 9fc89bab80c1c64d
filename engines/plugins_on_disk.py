"""Which plugins an unpacked DataX or Addax has."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Installed:
    """Names of plugins by kind. `broken` are folders whose plugin.json cannot be read, with the reason."""

    readers: tuple[str, ...]
    writers: tuple[str, ...]
    broken: tuple[str, ...]


def installed(home: Path) -> Installed:
    """Look at plugin/reader/*/plugin.json and plugin/writer/*/plugin.json, the files from which DataX itself loads plugins.

    They are read again when a plugin has come or gone.
    """
    folders = [home / "plugin", home / "plugin" / "reader", home / "plugin" / "writer"]
    return _installed(home, tuple(folder.stat().st_mtime_ns if folder.is_dir() else 0 for folder in folders))


@lru_cache(maxsize=8)
def _installed(home: Path, changed_at: tuple[int, ...]) -> Installed:
    broken: list[str] = []
    found = {kind: _names(home / "plugin" / kind, broken) for kind in ("reader", "writer")}
    return Installed(found["reader"], found["writer"], tuple(broken))


def template(home: Path, kind: str, name: str) -> dict[str, Any] | None:
    """The plugin's own plugin_job_template.json, where it has one that can be read."""
    for folder in sorted((home / "plugin" / kind).glob("*")):
        if _name(folder, []) == name:
            try:
                return dict(json.loads((folder / "plugin_job_template.json").read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                return None
    return None


def _names(folder: Path, broken: list[str]) -> tuple[str, ...]:
    names = {name for plugin in folder.glob("*") if plugin.is_dir() and (name := _name(plugin, broken))}
    return tuple(sorted(names))


def _name(plugin: Path, broken: list[str]) -> str | None:
    try:
        return str(json.loads((plugin / "plugin.json").read_text(encoding="utf-8"))["name"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        broken.append(f"{plugin.name}/plugin.json: {error}")
        return None

"""Jobs to begin with: they fill the form of a new task, and run on any machine."""

import json
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

from datax_job import catalogue
from webapp.config import ROOT, Settings
from webapp.tasks.form import Typed

FOLDER = ROOT / "examples"

HELLO = """\
{
  // Makes ten rows and prints them to the log. ${who} is a parameter.
  "job": {
    "setting": {"speed": {"channel": 1}, "errorLimit": {"record": 0}},
    "content": [{
      "reader": {
        "name": "streamreader",
        "parameter": {
          "sliceRecordCount": 10,
          "column": [
            {"type": "string", "value": "hello ${who}"},
            {"type": "long", "random": "1,100"}
          ]
        }
      },
      "writer": {"name": "streamwriter", "parameter": {"print": true}}
    }]
  }
}
"""

LABELS = {"hello": _l("Ten rows to the log"), "orders": _l("CSV file to SQLite table")}


def offered(settings: Settings) -> list[str]:
    """The names of the examples whose files jobs may use on this server."""
    return ["hello", "orders"] if FOLDER in settings.roots and _writable(settings) else ["hello"]


def typed(name: str | None, settings: Settings) -> Typed:
    """The form filled with an example; empty for a name that is not offered."""
    if name not in offered(settings):
        return Typed()
    if name == "hello":
        return Typed(HELLO, {"type": "execute", "engine": "auto", "name": "hello"}, rows=(("who", "DataX"),))
    rows = (("root", str(FOLDER)), ("files", str(_writable(settings))))
    job = (FOLDER / "orders-to-sqlite.json").read_text(encoding="utf-8")
    return Typed(job, {"type": "execute", "engine": "auto", "name": "orders.csv to SQLite"}, rows=rows)


def between(reader: str | None, writer: str | None) -> Typed:
    """The form filled with the templates of two plugins; rows that are made, or a log, stand in for the one not named."""
    parts = {"reader": reader or "streamreader", "writer": writer or "streamwriter"}
    known = catalogue.plugins()
    content = {
        kind: known[name].template() if name in known else {"name": name, "parameter": {}}
        for kind, name in parts.items()
    }
    job = {"job": {"setting": {"speed": {"channel": 1}, "errorLimit": {"record": 0}}, "content": [content]}}
    return Typed(json.dumps(job, indent=2, ensure_ascii=False) + "\n")


def _writable(settings: Settings) -> Path | None:
    return next((root for root in settings.roots if root != FOLDER), None)


def choices(settings: Settings) -> dict[str, Any]:
    """Those that can be run here, each with what a link to it says."""
    return {name: LABELS[name] for name in offered(settings)}

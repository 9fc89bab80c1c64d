"""The pages of engines and plugins."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, current_app, json, render_template, request
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from engines.duckdb.parameters import Support
from engines.duckdb.readers import READERS
from engines.duckdb.transformers import TRANSFORMERS
from engines.duckdb.writers import WRITERS
from webapp.accounts.guard import viewers
from webapp.plugins import service
from webapp.plugins.schemas import ParameterView, PluginView

KINDS = {"reader": _l("Readers"), "writer": _l("Writers"), "transformer": _l("Transformers")}
SUPPORT = {Support.EXACT: _l("as DataX"), Support.UNNEEDED: _l("no effect"), Support.REFUSED: _l("refused")}

_EMBEDDED: dict[str, Any] = {"reader": READERS, "writer": WRITERS, "transformer": TRANSFORMERS}

blueprint = Blueprint("plugins", __name__)


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter in a table: a member's name holds the way to it. `here` is what the embedded engine does with it."""

    name: str
    about: ParameterView
    here: Support | None
    note: str


@blueprint.get("/plugins")
@viewers
def index() -> str:
    wanted, plugins = request.args.get("q", "").strip(), _known()
    found = [plugin for plugin in plugins if _matches(plugin, wanted.lower().split())]
    return render_template(
        "plugins/index.html",
        engines=[engine.status() for engine in current_app.extensions["offers"].values()],
        groups=[(kind, title, [plugin for plugin in plugins if plugin.kind == kind]) for kind, title in KINDS.items()],
        wanted=wanted,
        found={(plugin.kind, plugin.name) for plugin in found},
        words=_words,
    )


@blueprint.get("/plugins/<kind>/<name>")
@viewers
def show(kind: str, name: str) -> str:
    plugin = next((plugin for plugin in _known() if (plugin.kind, plugin.name) == (kind, name)), None)
    if plugin is None:
        abort(404)
    return render_template(
        "plugins/show.html",
        plugin=plugin,
        rows=list(_rows(plugin)),
        embedded=name in _EMBEDDED[kind],
        support=SUPPORT,
        template=json.dumps(plugin.template, indent=2, ensure_ascii=False),
    )


def _known() -> list[PluginView]:
    statuses = [engine.status() for engine in current_app.extensions["offers"].values()]
    return service.known(statuses, current_app.config["SETTINGS"].engines, str(get_locale() or "en")).plugins


def _words(plugin: PluginView) -> str:
    """What it is found by: its own name and description, and the names of its parameters."""
    texts = (plugin.name, plugin.family or "", plugin.description, *(about.name for about in plugin.parameters))
    return " ".join(texts).lower()


def _matches(plugin: PluginView, wanted: list[str]) -> bool:
    return all(word in _words(plugin) for word in wanted)


def _rows(plugin: PluginView) -> Iterator[Row]:
    registry = _EMBEDDED[plugin.kind]
    table = registry[plugin.name].parameters if plugin.name in registry else ()
    decided = {each.name: (each.support, each.note) for each in table}
    # What the engine's table does not have it refuses by name; of a member its whole says what happens.
    unlisted = (Support.REFUSED if table else None), ""
    for name, about in _flat(plugin.parameters):
        here, note = (None, "") if "." in name else decided.get(name, unlisted)
        yield Row(name, about, here, note)


def _flat(parameters: Iterable[ParameterView], before: str = "") -> Iterator[tuple[str, ParameterView]]:
    for about in parameters:
        yield before + about.name, about
        step = "[]." if "array" in about.types else "."
        yield from _flat(about.members, before + about.name + step)

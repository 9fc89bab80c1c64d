"""Puts the catalogue of DataX's plugins together with what the engines here have."""

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from datax_job import catalogue
from datax_job.catalogue import Parameter, Plugin
from engines import plugins_on_disk
from engines.base import EngineSettings, EngineStatus
from webapp.plugins.schemas import Catalogue, Kind, ParameterView, PluginView


def known(statuses: Iterable[EngineStatus], settings: EngineSettings, language: str) -> Catalogue:
    """What the catalogue says, and what engines have that it does not know."""
    having = _having(statuses)
    listed = [_plugin(plugin, having, language) for plugin in catalogue.plugins().values()]
    others = [key for key in having if key[1] not in catalogue.plugins()]
    return Catalogue(
        plugins=[*listed, *(_unlisted(kind, name, having, settings) for kind, name in sorted(others))],
        document=_parameters(catalogue.document(), language),
    )


def _having(statuses: Iterable[EngineStatus]) -> dict[tuple[Kind, str], list[str]]:
    """Which engines have a plugin, by its kind and name."""
    found: dict[tuple[Kind, str], list[str]] = {}
    for status in statuses:
        for kind in get_args(Kind):
            for name in getattr(status, f"{kind}s") if status.available else ():
                found.setdefault((kind, name), []).append(status.name)
    return found


def _plugin(plugin: Plugin, having: Mapping[tuple[Kind, str], list[str]], language: str) -> PluginView:
    return PluginView(
        name=plugin.name,
        kind=plugin.kind,
        family=plugin.family,
        description=plugin.doc(language),
        open=plugin.open,
        engines=having.get((plugin.kind, plugin.name), []),
        parameters=_parameters(plugin.parameters, language),
        template=plugin.template(),
    )


def _parameters(parameters: Mapping[str, Parameter], language: str) -> list[ParameterView]:
    return [
        ParameterView(
            name=name,
            description=about.doc(language),
            types=list(about.types),
            required=about.required,
            default=about.default,
            choices=list(about.choices),
            members=_parameters(about.members, language),
        )
        for name, about in parameters.items()
    ]


def _unlisted(
    kind: Kind, name: str, having: Mapping[tuple[Kind, str], list[str]], settings: EngineSettings
) -> PluginView:
    """A plugin of one's own: its names of parameters are those of the template that lies beside it, if it has one."""
    homes = [home for home in (settings.datax_home, settings.addax_home) if home is not None]
    templates = (plugins_on_disk.template(home, kind, name) for home in homes)
    template = next(filter(None, templates), {"name": name, "parameter": {}})
    given = template.get("parameter")
    return PluginView(
        name=name,
        kind=kind,
        family=None,
        description="",
        open=True,
        engines=having[kind, name],
        parameters=_guessed(given) if isinstance(given, dict) else [],
        template={**template, "name": name},
    )


def _guessed(parameter: Mapping[str, Any]) -> list[ParameterView]:
    return [
        ParameterView(
            name=name, description="", types=[_type(value)], required=False, default=None, choices=[], members=[]
        )
        for name, value in parameter.items()
    ]


def _type(value: Any) -> str:
    for name, kinds in (("boolean", bool), ("number", int | float), ("array", list), ("object", dict)):
        if isinstance(value, kinds):
            return name
    return "string"

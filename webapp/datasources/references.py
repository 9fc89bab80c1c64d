"""`"datasource": "orders"` in a reader's or writer's parameter: what it stands for. Pure."""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from datax_job import parameters, pointers
from datax_job.document import Document
from datax_job.finding import shown
from datax_job.problem import Problem, Text
from datax_job.view import unfilled
from webapp.policy import hosts

KEY = "datasource"
# What the data source says, so that a job may not: else it could send the password to a server of its own.
OWN = ("username", "password", "jdbcUrl")
# Where a document may name tables without a connection around them.
_OF_CONNECTION = ("table", "querySql")


@dataclass(frozen=True, slots=True)
class Connection:
    """A data source as a plugin needs it."""

    family: str
    jdbc_url: str
    username: str
    password: str = field(repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)


Lookup = Callable[[str], Connection | None]

_ADDRESS = "%(name)s says where to connect to, and with it the password would go there: it belongs into the options of the data source"

# Stands for a data source whose name is not known yet: `${…}` is what the check passes over.
_UNKNOWN_YET = Connection("", "${datasource}", "${datasource}", "${datasource}")


def used(value: Any) -> bool:
    """Whether a document names data sources at all."""
    return any(True for _ in _places(value))


def resolved(value: dict[str, Any], params: Mapping[str, Any] | None, look_up: Lookup) -> dict[str, Any]:
    """A copy with connections in place of names; what cannot be resolved stays. The parameters fill names alone."""
    value = copy.deepcopy(value)
    for _, plugin, side in _places(value):
        found = _found(plugin["parameter"][KEY], params, look_up)
        if found is not None and not list(_conflicts(plugin["parameter"])) and not addresses(plugin["parameter"]):
            plugin["parameter"] = _with(plugin["parameter"], found, side)
    return value


def problems(document: Document, params: Mapping[str, Any] | None, look_up: Lookup) -> list[Problem]:
    return [document.problem(*each) for each in _problems(document.value, params, look_up)]


def _problems(value: Any, params: Mapping[str, Any] | None, look_up: Lookup) -> Iterator[tuple[str, Text]]:
    for pointer, plugin, side in _places(value):
        parameter, place = plugin["parameter"], f"{pointer}/parameter/{KEY}"
        found = _found(parameter[KEY], params, look_up)
        if found is None:
            name = shown(str(parameters.fill(parameter[KEY], params or {})))
            yield place, Text("there is no data source %(name)r", {"name": name})
        elif found.family and plugin.get("name") != found.family + side:
            values = {"name": found.family + side}
            yield place, Text("this data source is for %(name)s", values)
        for key in _conflicts(parameter):
            yield place, Text("the data source says %(name)s; remove it from the document", {"name": key})
        for key in addresses(parameter).keys() - set(_conflicts(parameter)):
            yield place, Text(_ADDRESS, {"name": shown(key)})


def _places(value: Any) -> Iterator[tuple[str, dict[str, Any], str]]:
    job = value.get("job") if isinstance(value, dict) else None
    content = job.get("content") if isinstance(job, dict) else None
    for index, each in enumerate(content if isinstance(content, list) else [content]):
        for side in ("reader", "writer"):
            plugin = each.get(side) if isinstance(each, dict) else None
            parameter = plugin.get("parameter") if isinstance(plugin, dict) else None
            if isinstance(plugin, dict) and isinstance(parameter, dict) and KEY in parameter:
                yield f"/job/content/{index}/{side}", plugin, side


def _found(name: Any, params: Mapping[str, Any] | None, look_up: Lookup) -> Connection | None:
    filled = parameters.fill(name, params or {})
    if not isinstance(filled, str):
        return None
    return _UNKNOWN_YET if unfilled(filled) and params is None else look_up(filled)


def _conflicts(parameter: dict[str, Any]) -> Iterator[str]:
    yield from (key for key in OWN if key in parameter)
    connections = parameter.get("connection")
    for each in connections if isinstance(connections, list) else [connections]:
        if isinstance(each, dict):
            yield from (key for key in OWN if key in each)


def addresses(parameter: Mapping[str, Any]) -> dict[str, list[str]]:
    """What a plugin's parameters say of where to connect to, beside the data source: each by its name, `loadUrl`, `endpoint`."""
    found: dict[str, list[str]] = {}
    for pointer, key in pointers.names(parameter):
        if hosts.is_address(key):
            found.setdefault(key, []).append(str(pointers.find(parameter, pointer)))
    return found


def _with(parameter: dict[str, Any], found: Connection, side: str) -> dict[str, Any]:
    rest = {key: value for key, value in parameter.items() if key != KEY}
    if "connection" not in rest:
        rest["connection"] = [{key: rest.pop(key) for key in _OF_CONNECTION if key in rest}]
    url = [found.jdbc_url] if side == "reader" else found.jdbc_url
    connections = rest["connection"] if isinstance(rest["connection"], list) else [rest["connection"]]
    rest["connection"] = [{"jdbcUrl": url, **each} if isinstance(each, dict) else each for each in connections]
    return {**found.options, "username": found.username, "password": found.password, **rest}

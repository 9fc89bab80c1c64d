"""A job document into a plan, or into the reasons why not. Pure: no file, no connection, no heavy import."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datax_job.problem import Problem, Text
from engines.duckdb.parameters import Arguments, Refusal
from engines.duckdb.plugins import Plugin, Reader, Transformer, Writer
from engines.duckdb.readers import READERS
from engines.duckdb.setting import Setting, read_setting
from engines.duckdb.transformers import TRANSFORMERS
from engines.duckdb.writers import WRITERS

PLUGIN_MISSING = "Framework-12"
UNKNOWN, UNNAMED = "TransformerErrorCode-03", "TransformerErrorCode-04"
CONTENT = "/job/content/0"


@dataclass(frozen=True, slots=True)
class Plan:
    reader_name: str
    writer_name: str
    reader: Reader
    writer: Writer
    setting: Setting
    transformers: tuple[Transformer, ...] = field(default=())


def plan(document: Mapping[str, Any]) -> Plan | list[Problem]:
    """What to run, or every reason why this engine cannot run the document exactly."""
    problems: list[Problem] = []
    setting = read_setting(document, problems)
    content = _content(document, problems)
    reader = _plugin(content, "reader", READERS, problems)
    writer = _plugin(content, "writer", WRITERS, problems)
    transformers = _transformers(content, problems)
    if problems or reader is None or writer is None:
        return problems
    return Plan(content["reader"]["name"], content["writer"]["name"], reader, writer, setting, tuple(transformers))


def _content(document: Mapping[str, Any], problems: list[Problem]) -> Mapping[str, Any]:
    job = document.get("job")
    content = job.get("content") if isinstance(job, dict) else None
    if not isinstance(content, list) or len(content) != 1 or not isinstance(content[0], dict):
        text = Text("job.content must be a list of exactly one object with a reader and a writer.")
        problems.append(Refusal("/job/content", text))
        return {}
    for name in content[0]:
        if name not in ("reader", "writer", "transformer"):
            text = Text("This engine does not know %(name)s. Remove it.", {"name": name})
            problems.append(Refusal(f"{CONTENT}/{name}", text))
    return content[0]


def _plugin(content: Mapping[str, Any], role: str, registry: Mapping[str, Plugin[Any]], problems: list[Problem]) -> Any:
    if not content:
        return None
    part = content.get(role)
    if not isinstance(part, dict):
        problems.append(Refusal(f"{CONTENT}/{role}", Text("The job has no %(role)s.", {"role": role})))
        return None
    return _planned(part, f"{CONTENT}/{role}", registry, problems, PLUGIN_MISSING)


def _planned(
    part: Mapping[str, Any], pointer: str, registry: Mapping[str, Plugin[Any]], problems: list[Problem], missing: str
) -> Any:
    """One `{"name", "parameter"}` object through its plugin."""
    name = part.get("name")
    plugin = registry.get(name) if isinstance(name, str) else None
    if plugin is None:
        problems.append(Refusal(f"{pointer}/name", _unknown(part, registry), code=missing))
        return None
    for other in set(part) - {"name", "parameter"}:
        text = Text("This engine does not know %(name)s. Remove it.", {"name": other})
        problems.append(Refusal(f"{pointer}/{other}", text))
    parameter = part.get("parameter")
    values = parameter if isinstance(parameter, dict) else {}
    return plugin.plan(
        Arguments(plugin.name, values, plugin.parameters, plugin.codes, f"{pointer}/parameter", problems)
    )


def _unknown(part: Mapping[str, Any], registry: Mapping[str, Plugin[Any]]) -> Text:
    return Text(
        "This engine has no %(name)s. It has %(known)s; the engine datax runs every plugin of its installation.",
        {"name": part.get("name") or "plugin without a name", "known": ", ".join(sorted(registry))},
    )


def _transformers(content: Mapping[str, Any], problems: list[Problem]) -> list[Transformer]:
    parts = content.get("transformer") or []
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        problems.append(Refusal(f"{CONTENT}/transformer", Text("transformer must be a list of objects.")))
        return []
    planned = [
        _planned(
            part, f"{CONTENT}/transformer/{number}", TRANSFORMERS, problems, UNKNOWN if part.get("name") else UNNAMED
        )
        for number, part in enumerate(parts)
    ]
    return [each for each in planned if each is not None]

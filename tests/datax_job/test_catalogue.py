"""The catalogue of plugins."""

import json

import pytest

from datax_job import catalogue
from datax_job.check import check
from datax_job.document import parse
from datax_job.problem import Severity
from tests.datax_job import jobs

PLUGINS = list(catalogue.plugins().values())
TYPES = {"string", "integer", "number", "boolean", "array", "object"}


def test_it_knows_the_plugins_that_people_use() -> None:
    names = set(catalogue.plugins())
    for family in (
        "mysql",
        "postgresql",
        "oracle",
        "sqlserver",
        "rdbms",
        "sqlite",
        "clickhouse",
        "hdfs",
        "mongodb",
        "oss",
    ):
        assert {f"{family}reader", f"{family}writer"} <= names
    assert {"dx_substr", "dx_pad", "dx_replace", "dx_filter", "dx_digest", "dx_groovy"} <= names
    assert len([plugin for plugin in PLUGINS if plugin.kind == "reader"]) >= 34


def test_a_name_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        catalogue.plugin("nosuchreader")


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_every_entry_is_complete_in_both_languages(plugin: catalogue.Plugin) -> None:
    assert plugin.doc("en") and plugin.doc("zh_CN") and plugin.family and plugin.parameters
    assert not plugin.doc("zh").isascii()
    for parameter in plugin.parameters.values():
        for each in (parameter, *parameter.members.values()):
            assert each.types and set(each.types) <= TYPES
            assert each.doc("en").isascii() and not each.doc("zh").isascii() or "PORT" in each.doc("en")
            assert each.accepts(each.default) and each.allows(each.default)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_every_template_is_a_job_without_a_mistake(plugin: catalogue.Plugin) -> None:
    parts = {"reader": jobs.stream(), "writer": jobs.printed()}
    steps = []
    if plugin.kind == "transformer":
        steps.append(plugin.template())
    else:
        parts[plugin.kind] = plugin.template()
    document = jobs.job(parts["reader"], parts["writer"], *steps)
    if plugin.kind == "writer" and isinstance(column := parts["writer"]["parameter"].get("column"), list):
        document["job"]["content"][0]["reader"] = jobs.stream(column=[{"type": "long", "value": 1}] * len(column))
    assert [p for p in check(parse(document)) if p.severity is not Severity.ADVICE] == []


def test_a_template_is_the_callers_to_change() -> None:
    catalogue.plugin("streamreader").template()["parameter"]["column"].clear()
    assert catalogue.plugin("streamreader").template()["parameter"]["column"]


@pytest.mark.parametrize(
    ("types", "good", "bad"),
    [
        (("integer",), [5, "5", "-5", None], [True, 1.5, "1.5", "five", [], {}, "1" * 30]),
        (("number",), [5, 0.1, "0.1", ".5", "1e-3"], ["a", True, [], "1.2.3", "nan"]),
        (("boolean",), [True, "true", "FALSE"], ["yes", 1, []]),
        (("string",), ["", "x", 5, True], [[], {}]),
        (("array",), [[], ["x"]], ["x", {}, 5]),
        (("object",), [{}], ["{}", []]),
        (("array", "string"), [[], "x"], [{}]),
    ],
)
def test_a_type_is_what_datax_can_make_of_a_value(
    types: tuple[str, ...], good: list[object], bad: list[object]
) -> None:
    parameter = catalogue.Parameter("p", types, {})
    assert all(parameter.accepts(value) for value in good)
    assert not any(parameter.accepts(value) for value in bad)


def test_a_choice_is_compared_without_case_and_may_be_a_beginning() -> None:
    mode = catalogue.plugin("mysqlwriter").parameters["writeMode"]
    assert all(mode.allows(value) for value in ("insert", " INSERT ", "insert ignore", "update(id)", "", None))
    assert not mode.allows("merge")


def test_the_examples_belong_to_plugins_that_are_there() -> None:
    from importlib import resources

    examples = json.loads(resources.files("datax_job.catalogue").joinpath("examples.json").read_text("utf-8"))
    for name, given in examples.items():
        if name != "*":
            known = catalogue.plugin(name).parameters
            nested = {member for parameter in known.values() for member in parameter.members}
            assert set(given) <= set(known) | nested, name

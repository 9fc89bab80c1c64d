"""The rules of the house that no reader can hold in mind."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from webapp.accounts import guard
from webapp.results.registry import BRIEFS, PARSERS, WITHOUT_RUN
from webapp.states import TASK_NAMES, TaskType

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("datax_job", "engines", "webapp")
TOP = ("celery_app.py", "wsgi.py", "tasks_scheduler.py", "get_task_result_example.py")

# Who may import whom inside webapp: a room sees those before it, never those after it.
ORDER = [
    {
        "config",
        "clock",
        "errors",
        "extensions",
        "setting_types",
        "signals",
        "states",
        "refusals",
        "requests",
        "addresses",
        "broker",
        "retold",
    },
    {"logs", "results", "accounts", "projects", "policy", "hosts", "sealing", "headers", "compression", "assets"},
    {"celery", "limits", "workers", "datasources"},
    {"tasks"},
    {"jobs"},
    {"fleet", "audit", "plugins"},
    {"home"},
]


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")
    yield from (ROOT / name for name in TOP)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def uses(path: Path, name: str) -> bool:
    return any(found == name or found.startswith(name + ".") for found in imports(path))


@pytest.mark.parametrize("foreign", ["flask", "celery", "sqlalchemy", "webapp"])
@pytest.mark.parametrize("package", ["datax_job", "engines"])
def test_the_inner_rooms_do_not_know_the_outer_ones(package: str, foreign: str) -> None:
    assert [str(path) for path in (ROOT / package).rglob("*.py") if uses(path, foreign)] == []


def test_the_job_document_does_not_know_the_engines() -> None:
    assert [str(path) for path in (ROOT / "datax_job").rglob("*.py") if uses(path, "engines")] == []


def test_processes_are_started_in_one_place() -> None:
    found = {str(path.relative_to(ROOT)) for path in sources() if uses(path, "subprocess")}
    assert found == {"engines/process.py"}


def test_the_environment_is_read_in_one_place() -> None:
    readers = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in {"environ", "getenv"}
                and ast.unparse(node.value) == "os"
            ):
                readers.add(str(path.relative_to(ROOT)))
    assert readers == {"webapp/config.py"}


def test_no_room_of_the_web_application_looks_at_a_later_one() -> None:
    level = {room: number for number, rooms in enumerate(ORDER) for room in rooms}
    wrong = []
    for path in (ROOT / "webapp").rglob("*.py"):
        own = path.relative_to(ROOT / "webapp").parts[0].removesuffix(".py")
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "webapp" and len(parts) > 1 and own in level and level.get(parts[1], -1) > level[own]:
                wrong.append(f"{own} imports {name}")
    assert wrong == []


def test_every_route_has_an_access_rule(app: Flask) -> None:
    assert [rule.rule for rule in app.url_map.iter_rules() if guard.rule_of(app, rule.endpoint) is None] == []


def test_only_these_routes_are_open_to_anybody(app: Flask) -> None:
    public = {rule.rule for rule in app.url_map.iter_rules() if guard.rule_of(app, rule.endpoint) == guard.PUBLIC}
    assert public == {
        "/login",
        "/language",
        "/theme",
        "/healthz",
        "/readyz",
        "/api/openapi.json",
        "/api/docs",
        "/static/<path:filename>",
        "/static/<digest:version>/<path:filename>",
    }


def test_every_task_type_has_its_parser_and_its_name() -> None:
    for registry in (PARSERS, BRIEFS, WITHOUT_RUN, TASK_NAMES):
        assert set(registry) == set(TaskType)


def test_no_module_is_named_after_nothing() -> None:
    forbidden = {"utils", "helpers", "common", "manager", "handler", "misc"}
    assert [str(path) for path in sources() if forbidden & set(path.with_suffix("").parts)] == []


def test_no_file_holds_two_concepts() -> None:
    assert {str(path): n for path in sources() if (n := path.read_text().count("\n")) > 350} == {}

"""The statements by which a database judges a job itself, and the parameter that each of its complaints is about."""

from collections.abc import Iterator
from typing import Any

from datax_job.diagnosis import explain
from datax_job.problem import Problem, Text

# What a complaint is about, by the name under which the diagnosis knows it.
PLACES = {
    "access-denied": "password",
    "no-column": "column",
    "no-right": "username",
    "unknown-host": "connection/{entry}/jdbcUrl",
    "connection-refused": "connection/{entry}/jdbcUrl",
}


def complaint(pointer: str, entry: int, said: str, otherwise: str) -> Problem:
    """What a database or driver said, at the parameter that it is about. `otherwise` is that of the statement."""
    kind = explain(None, said, 1).code
    place = PLACES.get(kind, otherwise).format(entry=entry)
    return Problem(f"{pointer}/{place}", Text("%(said)s", {"said": said.strip()}))


def entries(parameter: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    connections = parameter.get("connection")
    yield from enumerate(connections if isinstance(connections, list) else [connections or {}])


def urls(entry: dict[str, Any]) -> list[str]:
    given = entry.get("jdbcUrl")
    return [given] if isinstance(given, str) else list(given or [])


def tables(entry: dict[str, Any]) -> list[str]:
    given = entry.get("table")
    return [given] if isinstance(given, str) else list(given or [])


def columns(parameter: dict[str, Any]) -> str:
    given = parameter.get("column")
    return given if isinstance(given, str) else ", ".join(map(str, given or ["*"]))


def reading(parameter: dict[str, Any], entry: dict[str, Any], index: int) -> Iterator[tuple[str, str]]:
    """Queries that give no row, each with the parameter that it tries."""
    for number, query in enumerate(entry.get("querySql") or []):
        yield f"connection/{index}/querySql/{number}", str(query).rstrip().rstrip(";")
    if entry.get("querySql"):
        return
    for number, table in enumerate(tables(entry)):
        place = f"connection/{index}/table/{number}"
        yield place, f"SELECT 1 FROM {table} WHERE 1=0"
        yield "column", f"SELECT {columns(parameter)} FROM {table} WHERE 1=0"
        if parameter.get("where"):
            yield "where", f"SELECT 1 FROM {table} WHERE ({parameter['where']}) AND 1=0"
        if parameter.get("splitPk"):
            yield "splitPk", f"SELECT {parameter['splitPk']} FROM {table} WHERE 1=0"


def writing(parameter: dict[str, Any], entry: dict[str, Any], index: int) -> Iterator[tuple[str, str]]:
    """Explained statements: the database checks names and rights as if it were to run them, and runs nothing."""
    named = columns(parameter)
    target = "" if named == "*" else f" ({named})"
    mode = str(parameter.get("writeMode") or "insert").strip().lower()
    for number, table in enumerate(tables(entry)):
        yield f"connection/{index}/table/{number}", f"SELECT 1 FROM {table} WHERE 1=0"
        verb = "REPLACE" if mode == "replace" else "INSERT"
        insert = f"EXPLAIN {verb} INTO {table}{target} SELECT {named} FROM {table} WHERE 1=0"
        if mode.startswith("update") and named != "*":
            first = named.split(",")[0].strip()
            insert += f" ON DUPLICATE KEY UPDATE {first}=VALUES({first})"
        yield "column", insert

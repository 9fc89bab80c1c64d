"""Readers of databases take tables or queries, never both."""

from collections.abc import Iterator

from datax_job.finding import Finding
from datax_job.problem import Severity, Text
from datax_job.rules.parameters import IN_CONNECTION
from datax_job.view import Job, Part

_READS_BY = ("table", "querySql")


def table_or_query(job: Job) -> Iterator[Finding]:
    """DataX refuses both together and neither of them, and a mixture over several connections. A table needs columns."""
    for reader in job.sides("reader", "rdbms", "mpp"):
        modes = set()
        for at, connection in reader.connections:
            given = [name for name in _READS_BY if connection.get(name)]
            modes.update(given)
            if not given:
                yield Finding(reader.at("connection", at), Text("table is missing here (or querySql in its place)"))
            elif len(given) == 2:
                text = Text("querySql cannot stand beside table; remove one of the two")
                yield Finding(reader.at("connection", at, "querySql"), text)
        if modes == {"table"} and not reader.parameter.get("column"):
            text = Text('column is missing: name the columns to read, or write ["*"] for all of them')
            yield Finding(reader.at("column") if "column" in reader.parameter else reader.at(), text)


def nothing_beside_a_query(job: Job) -> Iterator[Finding]:
    """Beside a query DataX drops column, where and splitPk; the query reads in one piece and says itself what it reads."""
    for reader in job.sides("reader", "rdbms", "mpp"):
        if any(connection.get("querySql") for _, connection in reader.connections):
            for name in ("column", "where", "splitPk"):
                if reader.parameter.get(name):
                    text = Text("%(name)s has no effect beside querySql; write it into the query", {"name": name})
                    yield Finding(reader.at(name), text, Severity.WARNING)


def inside_the_connection(job: Job) -> Iterator[Finding]:
    """jdbcUrl, table and querySql are looked for in `connection` only."""
    for part in (*job.sides("reader", "rdbms", "mpp"), *job.sides("writer", "rdbms")):
        if part.plugin and "connection" in part.plugin.parameters:
            for name in _misplaced(part):
                template = '%(name)s has no effect here; it belongs into connection: "connection": [{"%(name)s": …}]'
                yield Finding(part.at(name), Text(template, {"name": name}), Severity.WARNING)


def _misplaced(part: Part) -> Iterator[str]:
    known = part.plugin.parameters if part.plugin else {}
    return (name for name in IN_CONNECTION if name in part.parameter and name not in known)

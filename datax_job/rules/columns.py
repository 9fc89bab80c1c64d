"""The columns of a reader and a writer."""

from collections.abc import Iterator
from typing import Any

from datax_job.finding import Finding
from datax_job.problem import Text
from datax_job.view import Job, Part, objects

TEXT_TYPES = {"string", "long", "double", "boolean", "date", "bytes"}
_MAKES_COLUMNS = {"dx_groovy"}


def text_columns(job: Job) -> Iterator[Finding]:
    """A column of a text file has a type, and an index in the file or a value of its own."""
    for reader in job.sides("reader", "file", "object"):
        for at, column in _objects(reader):
            if not column.get("type"):
                yield Finding(reader.at("column", at), Text('a column needs a type, such as "type": "string"'))
            if (column.get("index") is None) == (column.get("value") is None):
                text = Text("a column needs either index (its place in the file) or value (a constant)")
                yield Finding(reader.at("column", at), text)


def stream_columns(job: Job) -> Iterator[Finding]:
    """A made-up column needs a value or a range for random ones."""
    for reader in job.sides("reader", "stream"):
        for at, column in _objects(reader):
            if column.get("value") is None and not column.get("random"):
                yield Finding(reader.at("column", at), Text("a column needs either value or random"))


def as_many_as_are_read(job: Job) -> Iterator[Finding]:
    """A writer of a database fails at its first row when it gets more or fewer columns than it writes."""
    for reader, writer in job.pairs:
        if writer.family not in ("rdbms", "mpp") or _is_query(reader) or _changes_columns(job):
            continue
        read, written = reader.columns, writer.columns
        if read and written and len(read) != len(written):
            template = "the reader gives %(read)d columns, but %(written)d are named here"
            yield Finding(writer.at("column"), Text(template, {"read": len(read), "written": len(written)}))


def _objects(reader: Part) -> Iterator[tuple[int, dict[str, Any]]]:
    return objects(reader.columns)


def _is_query(reader: Part) -> bool:
    return any(connection.get("querySql") for _, connection in reader.connections)


def _changes_columns(job: Job) -> bool:
    return any(part.kind == "transformer" and (part.name in _MAKES_COLUMNS or not part.plugin) for part in job.parts)

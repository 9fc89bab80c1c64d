"""Jobs that try something, and what the policy says to them."""

from typing import Any

from datax_job.document import parse
from webapp.config import load
from webapp.policy import of_settings

STREAM_READER = {
    "name": "streamreader",
    "parameter": {"column": [{"type": "string", "value": "x"}], "sliceRecordCount": 1},
}
STREAM_WRITER = {"name": "streamwriter", "parameter": {"print": False}}


def job(reader: dict[str, Any] | None = None, writer: dict[str, Any] | None = None, **content: Any) -> dict[str, Any]:
    each = {"reader": reader or STREAM_READER, "writer": writer or STREAM_WRITER, **content}
    return {"job": {"setting": {"speed": {"channel": 1}}, "content": [each]}}


def database(url: Any, name: str = "mysqlreader", **parameter: Any) -> dict[str, Any]:
    connection = [{"jdbcUrl": [url], "table": ["t"]}]
    given = {"username": "u", "password": "p", "column": ["*"], "connection": connection, **parameter}
    return job(reader={"name": name, "parameter": given})


def refusals(document: dict[str, Any], **settings: str) -> list[tuple[str, str]]:
    """Pointer and sentence of each rule that a job breaks."""
    found = of_settings(load({"VAR_DIR": "/nowhere/var", **settings})).problems(parse(document), document)
    return [(problem.pointer, problem.message) for problem in found]

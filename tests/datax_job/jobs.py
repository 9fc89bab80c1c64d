"""Small jobs to change one thing in."""

import json
from typing import Any

from datax_job.check import check
from datax_job.document import parse
from datax_job.problem import Problem, Severity

Object = dict[str, Any]


def stream(**parameter: Any) -> Object:
    return {
        "name": "streamreader",
        "parameter": {"column": [{"type": "long", "value": 1}], "sliceRecordCount": 1, **parameter},
    }


def printed(**parameter: Any) -> Object:
    return {"name": "streamwriter", "parameter": {"print": True, **parameter}}


def mysql(url: str = "jdbc:mysql://h/db?useSSL=false", **parameter: Any) -> Object:
    given = {
        "username": "u",
        "password": "pass-word",
        "column": ["id", "name"],
        "connection": [{"jdbcUrl": [url], "table": ["t"]}],
    }
    return {"name": "mysqlreader", "parameter": {**given, **parameter}}


def postgresql(
    url: str = "jdbc:postgresql://h/db?tcpNoDelay=true&reWriteBatchedInserts=true", **parameter: Any
) -> Object:
    given = {
        "username": "u",
        "password": "pass-word",
        "column": ["id", "name"],
        "connection": [{"jdbcUrl": url, "table": ["t"]}],
    }
    return {"name": "postgresqlwriter", "parameter": {**given, **parameter}}


def text_reader(**parameter: Any) -> Object:
    column = [{"index": 0, "type": "long"}, {"index": 1, "type": "string"}]
    return {"name": "txtfilereader", "parameter": {"path": ["/in/a.csv"], "column": column, **parameter}}


def text_writer(**parameter: Any) -> Object:
    given = {"path": "/out", "fileName": "a", "writeMode": "truncate", "fileFormat": "csv"}
    return {"name": "txtfilewriter", "parameter": {**given, **parameter}}


def job(reader: Object | None = None, writer: Object | None = None, *steps: Object, **setting: Any) -> Object:
    content: Object = {"reader": reader or stream(), "writer": writer or printed()}
    if steps:
        content["transformer"] = list(steps)
    given = {"speed": {"channel": 1}, "errorLimit": {"record": 0}, **setting}
    return {
        "job": {"setting": {name: value for name, value in given.items() if value is not None}, "content": [content]}
    }


def without(part: Object, *names: str) -> Object:
    return {**part, "parameter": {name: value for name, value in part["parameter"].items() if name not in names}}


def found(document: Object | str, params: Object | None = None) -> list[Problem]:
    return check(parse(document if isinstance(document, str) else json.dumps(document, indent=2)), params)


def said(document: Object | str, severity: Severity) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.message) for problem in found(document) if problem.severity is severity]

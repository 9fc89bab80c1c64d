"""The job file as a document, its parameters filled."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datax_job.document import parse
from datax_job.parameters import fill
from datax_job.problem import DocumentError
from engines.duckdb.failure import Failure


def load(path: Path, values: Mapping[str, str]) -> dict[str, Any]:
    try:
        document = parse(path.read_bytes())
    except OSError as error:
        reason = {"path": str(path), "reason": error.strerror}
        raise Failure("Framework-03", "The job file %(path)s cannot be read: %(reason)s.", reason) from error
    except DocumentError as error:
        first = error.problems[0]
        where = {"line": first.line or 1, "column": first.column or 1, "reason": first.message}
        raise Failure("Common-00", "The job file, line %(line)s, column %(column)s: %(reason)s.", where) from error
    return dict(fill(document.value, values))

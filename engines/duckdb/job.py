"""The job file as a document, its parameters filled."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engines.duckdb.failure import Failure


def load(path: Path, values: Mapping[str, str]) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        values_ = {"path": str(path), "reason": error.strerror}
        raise Failure("Framework-03", "The job file %(path)s cannot be read: %(reason)s.", values_) from error
    except ValueError as error:
        raise Failure("Common-00", "The job file is not JSON: %(reason)s.", {"reason": str(error)}) from error
    if not isinstance(document, dict):
        raise Failure("Common-00", "The job file must hold one object.")
    return {name: _filled(value, values) for name, value in document.items()}


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """Put parameters into the string values; what has no value stays as it is."""
    if isinstance(value, dict):
        return {name: _filled(each, values) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, values) for each in value]
    if isinstance(value, str) and "$" in value and values:
        return re.sub(r"\$\{?(\w+)\}?", lambda found: values.get(found[1], found[0]), value)
    return value

"""mysqlwriter: MySQL and MariaDB."""

import re

from engines.duckdb.parameters import Arguments
from engines.duckdb.plugins import Plugin
from engines.duckdb.rdbms import codes
from engines.duckdb.writers.rdbms import PARAMETERS, SESSION, WRITE_MODE, DatabaseWriter, plan_for

MODES = ("insert", "insert ignore", "replace", "update")


def plan(arguments: Arguments) -> DatabaseWriter:
    return plan_for(arguments, ("mysql",), _mode(arguments))


def _mode(arguments: Arguments) -> str:
    """`update(id)` is known from other databases. MySQL finds the keys itself, and DataX looks at the first word alone."""
    if re.fullmatch(r"\s*update\s*\(.*\)\s*", arguments.text("writeMode") or "", re.IGNORECASE | re.DOTALL):
        return "update"
    if re.fullmatch(r"\s*insert\s+ignore\s*", arguments.text("writeMode") or "", re.IGNORECASE):
        return "insert ignore"
    return arguments.one_of("writeMode", MODES, "insert") or "insert"


PLUGIN: Plugin[DatabaseWriter] = Plugin("mysqlwriter", (*PARAMETERS, SESSION, WRITE_MODE), codes.CODES, plan)

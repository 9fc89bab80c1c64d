"""mysqlwriter: MySQL and MariaDB."""

from engines.duckdb.parameters import Arguments
from engines.duckdb.plugins import Plugin
from engines.duckdb.rdbms import codes
from engines.duckdb.writers.rdbms import PARAMETERS, SESSION, WRITE_MODE, DatabaseWriter, plan_for

MODES = ("insert", "replace", "update")


def plan(arguments: Arguments) -> DatabaseWriter:
    return plan_for(arguments, ("mysql",), arguments.one_of("writeMode", MODES, "insert") or "insert")


PLUGIN: Plugin[DatabaseWriter] = Plugin("mysqlwriter", (*PARAMETERS, SESSION, WRITE_MODE), codes.CODES, plan)

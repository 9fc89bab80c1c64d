"""postgresqlwriter."""

from engines.duckdb.parameters import Arguments
from engines.duckdb.plugins import Plugin
from engines.duckdb.rdbms import codes
from engines.duckdb.writers.rdbms import NO_SESSION, NO_WRITE_MODE, PARAMETERS, DatabaseWriter, insert_only, plan_for


def plan(arguments: Arguments) -> DatabaseWriter:
    insert_only(arguments)
    return plan_for(arguments, ("postgresql",))


PLUGIN: Plugin[DatabaseWriter] = Plugin("postgresqlwriter", (*PARAMETERS, NO_SESSION, NO_WRITE_MODE), codes.CODES, plan)

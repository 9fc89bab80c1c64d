"""postgresqlreader."""

from engines.duckdb.parameters import Arguments
from engines.duckdb.plugins import Plugin
from engines.duckdb.rdbms import codes
from engines.duckdb.readers.rdbms import HINT, NO_SESSION, PARAMETERS, DatabaseReader, plan_for


def plan(arguments: Arguments) -> DatabaseReader:
    arguments.number("fetchSize", 1, 1, codes.REQUIRED)
    return plan_for(arguments, ("postgresql",))


PLUGIN: Plugin[DatabaseReader] = Plugin("postgresqlreader", (*PARAMETERS, NO_SESSION, HINT), codes.CODES, plan)

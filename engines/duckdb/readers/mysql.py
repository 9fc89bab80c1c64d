"""mysqlreader: MySQL and MariaDB."""

from engines.duckdb.parameters import Arguments
from engines.duckdb.plugins import Plugin
from engines.duckdb.rdbms import codes
from engines.duckdb.readers.rdbms import CHECK_SLAVE, HINT, PARAMETERS, SESSION, DatabaseReader, plan_for

LEAST_INT = -(2**31)


def plan(arguments: Arguments) -> DatabaseReader:
    # Any number: DataX's own takes its place.
    arguments.number("fetchSize", 1, LEAST_INT)
    return plan_for(arguments, ("mysql",))


PLUGIN: Plugin[DatabaseReader] = Plugin("mysqlreader", (*PARAMETERS, SESSION, CHECK_SLAVE, HINT), codes.CODES, plan)

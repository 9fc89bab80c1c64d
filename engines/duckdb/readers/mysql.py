"""mysqlreader: MySQL and MariaDB."""

from engines.duckdb.parameters import Arguments
from engines.duckdb.plugins import Plugin
from engines.duckdb.rdbms import codes
from engines.duckdb.readers.rdbms import CHECK_SLAVE, HINT, PARAMETERS, SESSION, DatabaseReader, plan_for


def plan(arguments: Arguments) -> DatabaseReader:
    return plan_for(arguments, ("mysql",))


PLUGIN: Plugin[DatabaseReader] = Plugin("mysqlreader", (*PARAMETERS, SESSION, CHECK_SLAVE, HINT), codes.CODES, plan)

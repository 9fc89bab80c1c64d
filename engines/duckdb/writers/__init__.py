"""Writers by the names that jobs call them. A new one is a file here and a line below."""

from collections.abc import Mapping

from engines.duckdb.plugins import Plugin, Registry, Writer

WRITERS: Mapping[str, Plugin[Writer]] = Registry(
    __name__,
    {
        "mysqlwriter": "mysql",
        "postgresqlwriter": "postgresql",
        "rdbmswriter": "rdbms",
        "sqlitewriter": "sqlite",
        "streamwriter": "stream",
        "txtfilewriter": "txtfile",
    },
)

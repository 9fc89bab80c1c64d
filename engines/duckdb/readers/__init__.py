"""Readers by the names that jobs call them. A new one is a file here and a line below."""

from collections.abc import Mapping

from engines.duckdb.plugins import Plugin, Reader, Registry

READERS: Mapping[str, Plugin[Reader]] = Registry(
    __name__,
    {
        "mysqlreader": "mysql",
        "postgresqlreader": "postgresql",
        "rdbmsreader": "rdbms",
        "sqlitereader": "sqlite",
        "streamreader": "stream",
        "txtfilereader": "txtfile",
    },
)

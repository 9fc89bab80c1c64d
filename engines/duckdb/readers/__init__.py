"""Readers by the names that jobs call them. A new one is a file here and a line below."""

from collections.abc import Mapping

from engines.duckdb.plugins import Plugin, Reader
from engines.duckdb.readers import mysql, postgresql, rdbms, sqlite, stream, txtfile

READERS: Mapping[str, Plugin[Reader]] = {
    plugin.name: plugin
    for plugin in (mysql.PLUGIN, postgresql.PLUGIN, rdbms.PLUGIN, sqlite.PLUGIN, stream.PLUGIN, txtfile.PLUGIN)
}

"""Writers by the names that jobs call them. A new one is a file here and a line below."""

from collections.abc import Mapping

from engines.duckdb.plugins import Plugin, Writer
from engines.duckdb.writers import mysql, postgresql, rdbms, sqlite, stream, txtfile

WRITERS: Mapping[str, Plugin[Writer]] = {
    plugin.name: plugin
    for plugin in (mysql.PLUGIN, postgresql.PLUGIN, rdbms.PLUGIN, sqlite.PLUGIN, stream.PLUGIN, txtfile.PLUGIN)
}

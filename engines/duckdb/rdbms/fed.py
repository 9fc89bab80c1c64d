"""Rows of MySQL over a connection of our own, into DuckDB through a pipe.

DuckDB's scanner resets its connection before each query, and with it whatever a session statement has set. Slower, so it is the way
only for jobs that have such statements.
"""

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from engines.duckdb.pipe import CHUNK, open_pipe, path_of
from engines.duckdb.rdbms.mysql import MySQL
from engines.duckdb.rdbms.source import Described
from engines.duckdb.types import Column, identifier, literal

if TYPE_CHECKING:
    from engines.duckdb.session import Session

ROWS = 1000
# The longest row; DuckDB keeps a few buffers of this size.
LINE_BYTES = 16 << 20


@contextlib.contextmanager
def fed(
    session: "Session", database: MySQL, query: str, described: Sequence[Described], statements: Sequence[str]
) -> Iterator[str]:
    """A SELECT of the query's rows, to be run once."""
    from pymysql.cursors import SSCursor

    connection = database.connect(conv={}, cursorclass=SSCursor)
    session.at_stop[connection] = lambda: database.cancel(connection)
    reading, writing = open_pipe()
    feeder = threading.Thread(target=_feed, args=(connection, query, statements, writing, described), daemon=True)
    feeder.start()
    try:
        yield _select(reading, described)
    finally:
        os.close(reading)
        feeder.join()
        del session.at_stop[connection]


def _select(reading: int, described: Sequence[Described]) -> str:
    names = [f"c{number}" for number in range(len(described))]
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in [*names, "failed"])
    options = "header = false, delim = ',', quote = '\"', escape = '\"', nullstr = 'NULL', allow_quoted_nulls = false"
    source = (
        f"read_csv({literal(path_of(reading))}, {options}, new_line = '\\n', auto_detect = false, parallel = false, "
        f"max_line_size = {LINE_BYTES}, buffer_size = {LINE_BYTES}, columns = {{{columns}}})"
    )
    cells = ", ".join(
        f"{_typed(each.column, name)} AS {identifier(name)}" for each, name in zip(described, names, strict=True)
    )
    # A query that fails in the middle fails this one, with the same words.
    return f"SELECT {cells} FROM {source} WHERE CASE WHEN failed IS NULL THEN true ELSE error(failed) END"


def _typed(column: Column, name: str) -> str:
    if column.sql_type == "BLOB":
        return f"unhex({name})"
    if column.sql_type == "BOOLEAN":
        return f"{name} <> '00'"
    if column.sql_type in ("DATE", "TIMESTAMP"):
        return f"CAST(CASE WHEN starts_with({name}, '0000-00-00') THEN NULL ELSE {name} END AS {column.sql_type})"
    return name if column.sql_type == "VARCHAR" else f"CAST({name} AS {column.sql_type})"


def _feed(connection: Any, query: str, statements: Sequence[str], writing: int, described: Sequence[Described]) -> None:
    # Where the reader ended early, the pipe is broken, and there is nobody to tell.
    with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "wb", buffering=CHUNK) as pipe:
        empty = ["NULL"] * len(described)
        hexed = [each.column.sql_type in ("BLOB", "BOOLEAN") for each in described]
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                cursor.execute(query)
                while rows := cursor.fetchmany(ROWS):
                    pipe.write(b"".join(_line([*map(_cell, row, hexed), "NULL"]) for row in rows))
        except BrokenPipeError:
            raise
        except Exception as error:
            pipe.write(_line([*empty, _quoted(str(error))]))
        finally:
            connection._force_close()


def _cell(value: Any, hexed: bool) -> str:
    if value is None:
        return "NULL"
    if hexed:
        return (value if isinstance(value, bytes) else value.encode("latin-1")).hex()
    return _quoted(value.decode("utf-8") if isinstance(value, bytes) else value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _line(cells: Sequence[str]) -> bytes:
    return (",".join(cells) + "\n").encode()

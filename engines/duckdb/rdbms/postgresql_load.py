"""Rows into PostgreSQL: COPY, all slices of a job in one transaction, so that a job that fails leaves nothing."""

from collections.abc import Sequence
from typing import Any

from engines.duckdb.rdbms import codes
from engines.duckdb.rdbms.bulk import NULL, Bad, Loader, RowError
from engines.duckdb.rdbms.cells import Shape, Target
from engines.duckdb.rdbms.postgresql import PostgreSQL

QUOTE = '"'
_SHAPES = {
    16: Shape.BOOL,
    17: Shape.BYTES,
    1082: Shape.DATE,
    1083: Shape.TIME,
    1266: Shape.TIME,
    1114: Shape.DATETIME,
    1184: Shape.DATETIME,
    1560: Shape.DIGITS,
    1562: Shape.DIGITS,
} | dict.fromkeys((20, 21, 23, 26, 700, 701, 1700), Shape.NUMBER)


def targets(database: PostgreSQL, connection: Any, table: str, columns: Sequence[str]) -> list[Target]:
    from psycopg.pq import ExecStatus

    query = f"SELECT {', '.join(columns)} FROM {table} WHERE 1=2"
    for result in (connection.pgconn.prepare(b"", query.encode()), connection.pgconn.describe_prepared(b"")):
        if result.status != ExecStatus.COMMAND_OK:
            code = codes.EXECUTE if columns == ["*"] else codes.COLUMN_INFO
            raise codes.statement_failure(code, query, result.error_message.decode("utf-8", "replace"))
    return [_target(result, number) for number in range(result.nfields)]


def _target(result: Any, number: int) -> Target:
    oid = result.ftype(number)
    return Target(result.fname(number).decode(), _SHAPES.get(oid, Shape.TEXT), oid, result.fmod(number))


class PostgresLoader(Loader):
    def __init__(self, connection: Any, table: str, columns: Sequence[str], bad: Bad) -> None:
        super().__init__(QUOTE.encode(), bad)
        self._connection = connection
        self._copy = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv, NULL '{NULL}')"

    def bulk(self, chunk: bytes) -> None:
        import psycopg

        from engines.duckdb.rdbms.sending import copy_in

        cursor = self._connection.cursor()
        cursor.execute("SAVEPOINT datax_chunk")
        try:
            with copy_in(cursor, self._copy) as copy:
                copy.write(chunk)
            cursor.execute("RELEASE SAVEPOINT datax_chunk")
        except psycopg.Error as error:
            if not codes.refuses_a_row(error):
                raise codes.statement_failure(codes.WRITE, self._copy, str(error)) from error
            cursor.execute("ROLLBACK TO SAVEPOINT datax_chunk")
            raise RowError(_words(error)) from error

    def piece(self, rows: Sequence[bytes]) -> None:
        self.bulk(b"\n".join(rows) + b"\n")


def _words(error: Any) -> str:
    diagnosis = error.diag
    return " ".join(filter(None, [diagnosis.message_primary, diagnosis.message_detail, diagnosis.context]))

"""From PostgreSQL into PostgreSQL where both ends have the same types: COPY's own binary form passes from one to the other as it is."""

from collections.abc import Iterator, Sequence
from typing import Any

from engines.duckdb.failure import Failure
from engines.duckdb.rdbms import codes
from engines.duckdb.rdbms.cells import Target
from engines.duckdb.rdbms.postgresql import PostgreSQL
from engines.duckdb.rows import PASSED, Again, Counted
from engines.duckdb.session import Session

# Types from here on are a database's own, and their numbers mean nothing to another.
FIRST_OWN_TYPE = 16384
# Rows between two steps of the counter.
STEP = 20_000
BATCH_BYTES = 1 << 16


def possible(rows: Counted, targets: Sequence[Target]) -> bool:
    """Nothing is to be done to the rows, and each column is of one built-in type on both sides."""
    origin = rows.origin
    if not isinstance(getattr(origin, "database", None), PostgreSQL):
        return False
    given = [each.type_id for each in origin.described]
    return given == [each.type_id for each in targets] and all(0 < each < FIRST_OWN_TYPE for each in given)


def copy(session: Session, origin: Any, connection: Any, table: str, names: Sequence[str]) -> None:
    """All rows, inside the connection's transaction. Raises Again where the target refuses one, and Failure."""
    import psycopg

    source = origin.database.connect()
    try:
        # Not by ranges: without an index each would be a look at the whole table.
        into = f"COPY {table} ({', '.join(names)}) FROM STDIN (FORMAT binary)"
        _pass(session, source, connection.cursor(), origin.whole, into)
    except psycopg.Error as error:
        if codes.refuses_a_row(error):
            raise Again from error
        raise _failure(error, connection, origin) from error
    finally:
        source.close()


def _pass(session: Session, source: Any, cursor: Any, query: str, into: str) -> None:
    from engines.duckdb.rdbms.sending import copy_in

    with (
        source.cursor().copy(f"COPY ({query}\n) TO STDOUT (FORMAT binary)") as given,
        copy_in(cursor, into, watched=True) as taken,
    ):
        rows = counted = 0
        for pieces in _batches(given):
            taken.write(b"".join(pieces))
            rows += len(pieces)
            if rows - counted > STEP:
                # The form begins, and may end, with a piece of its own: the last rows are counted by the server.
                _count(session, rows - counted - 2)
                counted = rows - 2
    _count(session, cursor.rowcount - counted)


def _batches(given: Any) -> Iterator[list[bytes]]:
    """The server's pieces, which are rows, some at a time: sending each alone would take longer than all else."""
    pieces: list[bytes] = []
    size = 0
    for piece in given:
        pieces.append(piece)
        size += len(piece)
        if size >= BATCH_BYTES:
            yield pieces
            pieces, size = [], 0
    yield pieces


def _count(session: Session, rows: int) -> None:
    if rows > 0:
        session.db.execute(f"SELECT count(nextval('{PASSED}')) FROM range({rows})").fetchall()


def _failure(error: Any, connection: Any, origin: Any) -> Failure:
    """Which end failed is in whether the target's transaction is still good."""
    from psycopg.pq import TransactionStatus

    if not connection.closed and connection.info.transaction_status == TransactionStatus.INTRANS:
        return codes.statement_failure(codes.EXECUTE, origin.name, str(error))
    return codes.statement_failure(codes.WRITE, "COPY", str(error))

"""Rows into MySQL and MariaDB: LOAD DATA where the server takes it, large INSERTs where not. Each chunk is one transaction."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from engines.duckdb.rdbms import codes
from engines.duckdb.rdbms.bulk import Bad, Loader, RowError
from engines.duckdb.rdbms.cells import DATES, NOT_A_DATE, Shape, Target
from engines.duckdb.rdbms.chunks import cells_of, count_rows, rows_of
from engines.duckdb.rdbms.mysql import MySQL, quoted
from engines.duckdb.rdbms.turns import Turns

# A text in single quotes is one in every sql_mode.
QUOTE = "'"
STATEMENT_BYTES = 1 << 20
PACKET = 1 << 20
RETRIES = 5
# A refused chunk is loaded in smaller and smaller pieces; from here on by INSERT, which says of each row why it is refused.
FEW_ROWS = 500
_INTEGERS = (2, 3, 8, 9)
_FLOATS = (0, 4, 5, 246)
_SHAPES = {
    1: Shape.TINY,
    13: Shape.YEAR,
    16: Shape.BIT,
    7: Shape.DATETIME,
    12: Shape.DATETIME,
    10: Shape.DATE,
    11: Shape.TIME,
}
_SHAPES |= dict.fromkeys((*_INTEGERS, *_FLOATS), Shape.NUMBER) | {255: Shape.BYTES}
_BINARY_CHARSET = 63
# What the server says of a row for what it holds; others speak of the table, the rights, the connection.
_ROW_ERRORS = {
    1048, 1062, 1169, 1216, 1217, 1261, 1262, 1263, 1264, 1265, 1292, 1364, 1365, 1366, 1367, 1406, 1411, 1416, 1451, 1452, 1525,
    1526, 1557, 1586, 1644, 1690, 1748, 3140, 3819, 4025, 4078, 1242,
}  # fmt: skip
_NO_LOCAL = {1148, 3948, 4166}
_AGAIN = {1205, 1213}
# A chunk ahead of its turn waits for no lock: the chunk before it may hold that, and its turn comes. (MySQL makes 1 s of it.)
_PATIENCE = 0


def targets(database: MySQL, connection: Any, table: str, columns: Sequence[str]) -> list[Target]:
    import pymysql

    query = f"SELECT {','.join(columns)} FROM {table} WHERE 1=2"
    cursor = connection.cursor()
    try:
        cursor.execute(query)
    except pymysql.Error as error:
        failure = database.failure(query, error)
        failure.code = failure.code if columns == ["*"] else codes.COLUMN_INFO
        raise failure from error
    return [Target(field.name, _shape(field)) for field in cursor._result.fields]


def _shape(field: Any) -> Shape:
    if field.charsetnr == _BINARY_CHARSET and field.type_code in (249, 250, 251, 252, 253, 254):
        return Shape.BYTES
    return _SHAPES.get(field.type_code, Shape.TEXT)


def transactional(connection: Any, table: str) -> bool:
    """Whether a statement that fails in the middle is taken back. Of a view it is not known, so the table behind counts as usual."""
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW CREATE TABLE {table}")
        engine = re.search(r"\) ENGINE=(\w+)", str(cursor.fetchone()[1]))
        if engine is None:
            return True
        cursor.execute("SELECT TRANSACTIONS FROM information_schema.ENGINES WHERE ENGINE = %s", (engine[1],))
        row = cursor.fetchone()
    return row is None or row[0] != "NO"


def numbered(connection: Any, table: str) -> bool:
    """Whether the server numbers the rows as they come."""
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW COLUMNS FROM {table} WHERE Extra LIKE '%auto_increment%'")
        return bool(cursor.fetchall())


def feeding(database: MySQL) -> Any:
    """A connection that answers the server's request for a local file with the bytes that are waiting, whatever file it names.

    A server may ask for any file when it is sent any statement; it gets none of this machine's.
    """
    from pymysql.connections import Connection, MySQLResult

    class Result(MySQLResult):
        def _read_load_local_packet(self, first_packet: Any) -> None:
            connection = self.connection
            waiting, connection.waiting = connection.waiting, b""
            for start in range(0, len(waiting), PACKET):
                connection.write_packet(waiting[start : start + PACKET])
            connection.write_packet(b"")
            self._read_ok_packet(connection._read_packet())

    class Feeding(Connection):
        waiting = b""

        def _read_query_result(self, unbuffered: bool = False) -> int:
            result = Result(self)
            result.read()
            self._result = result
            if result.server_status is not None:
                self.server_status = result.server_status
            return int(result.affected_rows or 0)

    return database.connect(Feeding, local_infile=True)


class MySQLLoader(Loader):
    """`mode` is insert, insert ignore, replace or update. `handled` counts the rows that are in the table for good, or known as bad.

    Loaders that share `turns` work at the same time, yet what they do is what one alone would do.
    """

    def __init__(
        self,
        database: MySQL,
        table: str,
        columns: Sequence[Target],
        mode: str,
        bad: Bad,
        session: Sequence[str],
        turns: Turns,
    ) -> None:
        super().__init__(QUOTE.encode(), bad)
        self._database = database
        self._connection = feeding(database)
        self._table = table
        self._columns = columns
        self._mode = mode
        self._turns = turns
        self.handled = 0
        self._prepare(session)
        self._whole = transactional(self._connection, table)
        self._by_file = mode in ("insert", "replace") and self._whole

    def _prepare(self, session: Sequence[str]) -> None:
        from engines.duckdb.rdbms.connections import run

        for statement in session:
            run(self._database, self._connection, statement, codes.SESSION)
        with self._connection.cursor() as cursor:
            # A backslash is a backslash, and what is only worth a note (a rounded decimal) is no warning.
            cursor.execute("SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES'), sql_notes = 0")
            cursor.execute("SELECT @@max_allowed_packet, @@innodb_lock_wait_timeout")
            packet, patience = cursor.fetchone()
        self._statement_bytes = min(STATEMENT_BYTES, int(packet) * 3 // 4)
        self._patience = self._usual_patience = int(patience)

    def close(self) -> None:
        self._connection.close()

    def load(self, chunk: bytes, number: int) -> None:
        try:
            self._load(chunk, number)
        except BaseException:
            self._turns.stop()
            raise
        self._turns.next()

    def _load(self, chunk: bytes, number: int) -> None:
        self._records: int | None = None
        if not self._ahead(chunk, number):
            self._turns.wait(number)
            self._wait_for_locks(self._usual_patience)
            super().load(chunk, number)
        self.handled += count_rows(chunk, self.quote) if self._records is None else self._records

    def _ahead(self, chunk: bytes, number: int) -> bool:
        """Load a chunk while those before it are being loaded, and commit in its turn. False where that was not to be: nothing is done."""
        if not self._by_file or not self._turns.begin():
            return False
        try:
            return self._tried(chunk, number)
        finally:
            self._turns.ended()

    def _tried(self, chunk: bytes, number: int) -> bool:
        import pymysql

        connection = self._connection
        self._wait_for_locks(_PATIENCE)
        connection.waiting = chunk
        try:
            connection.begin()
            connection.query(self._load_statement())
            records = self._found(connection._result)
            if not connection._result.warning_count and self._turns.granted(number):
                connection.commit()
                self._records = records
                return True
        except pymysql.Error as error:
            # Whatever it is, it is looked into when the chunk has its turn.
            if not connection.open:
                raise self._failure(error) from error
        connection.rollback()
        self._turns.missed()
        return False

    def _wait_for_locks(self, seconds: int) -> None:
        if self._patience != seconds:
            self._connection.query(f"SET SESSION innodb_lock_wait_timeout = {seconds}")
            self._patience = seconds

    def bulk(self, chunk: bytes) -> None:
        if self._by_file and self._load_data(chunk):
            return
        for rows in self._groups(chunk):
            try:
                self.piece(rows)
            except RowError:
                self.divide(rows)

    def _load_data(self, chunk: bytes) -> bool:
        """False when the server takes no local files. Raises RowError also where it only warns: it would change or skip the row."""
        self._connection.waiting = chunk
        try:
            self._transaction(self._load_statement())
        except codes.StatementError as error:
            if error.number not in _NO_LOCAL:
                raise
            self._by_file = False
        return self._by_file

    def _load_statement(self) -> str:
        names, sets = [], []
        for number, column in enumerate(self._columns):
            name = quoted(column.name)
            if column.shape in (Shape.BYTES, Shape.BIT):
                names.append(f"@c{number}")
                value = f"IF(@c{number} LIKE '0x%', SUBSTR(@c{number}, 3), IF(@c{number} IS NULL, NULL, ''))"
                sets.append(f"{name} = UNHEX({value})")
            else:
                names.append(name)
        replace = " REPLACE" if self._mode == "replace" else ""
        return (
            f"LOAD DATA LOCAL INFILE 'rows'{replace} INTO TABLE {self._table} CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' "
            f"OPTIONALLY ENCLOSED BY '''' ESCAPED BY '' LINES TERMINATED BY '\n' ({', '.join(names)})"
            + (f" SET {', '.join(sets)}" if sets else "")
        )

    def _groups(self, chunk: bytes) -> Iterator[list[bytes]]:
        """Rows in statements of a size that the server takes; one by one where it could not take back the half of them."""
        group: list[bytes] = []
        size = 0
        for row in rows_of(chunk, self.quote):
            if group and (size + len(row) > self._statement_bytes or not self._whole):
                yield group
                group, size = [], 0
            group.append(row)
            size += len(row) + 3
        if group:
            yield group

    def piece(self, rows: Sequence[bytes]) -> None:
        few = len(rows) <= FEW_ROWS and sum(map(len, rows)) <= self._statement_bytes
        if self._by_file and len(rows) > 1 and not few and self._load_data(b"\n".join(rows) + b"\n"):
            # That was not the whole chunk.
            self._records = None
        else:
            self._insert(rows)

    def _insert(self, rows: Sequence[bytes]) -> None:
        names = ", ".join(quoted(column.name) for column in self._columns)
        for reason in filter(None, map(self._unfit, rows)):
            raise RowError(reason)
        verb = "INSERT" if self._mode == "update" else self._mode.upper()
        head = f"{verb} INTO {self._table} ({names}) VALUES (".encode()
        self._transaction(head + b"),(".join(rows) + b")" + self._tail())

    def _unfit(self, row: bytes) -> str:
        """Why a row is to be refused though the server might take it: where it is not strict, a text that is no date is one of zeros."""
        if NOT_A_DATE.encode() not in row:
            return ""
        cells = zip(self._columns, cells_of(row, QUOTE), strict=True)
        texts = [text for column, (text, _) in cells if column.shape in DATES and text.startswith(NOT_A_DATE)]
        return texts[0] if texts else ""

    def _tail(self) -> bytes:
        if self._mode != "update":
            return b""
        names = [quoted(column.name) for column in self._columns]
        return (" ON DUPLICATE KEY UPDATE " + ", ".join(f"{name}=VALUES({name})" for name in names)).encode()

    def _transaction(self, statement: str | bytes) -> None:
        """One statement and its commit; again where another transaction was in the way."""
        waiting = self._connection.waiting
        for attempt in range(RETRIES):
            try:
                return self._run(statement)
            except codes.StatementError as error:
                if error.number not in _AGAIN or attempt == RETRIES - 1:
                    raise
                self._turns.alone()
                self._connection.waiting = waiting
        raise AssertionError("the last attempt returns or raises")

    def _run(self, statement: str | bytes) -> None:
        import pymysql

        connection = self._connection
        try:
            connection.begin()
            connection.query(statement)
            result = connection._result
            if result.warning_count and self._by_file and isinstance(statement, str):
                reason = self._warning()
                connection.rollback()
                raise RowError(reason)
            connection.commit()
            self._records = self._found(result)
        except pymysql.Error as error:
            if connection.open:
                connection.rollback()
            raise self._failure(error) from error

    def _found(self, result: Any) -> int | None:
        """LOAD DATA says how many rows it found, which saves counting them."""
        records = re.search(rb"Records: (\d+)", bytes(result.message or b""))
        return int(records[1]) if records and self._by_file else None

    def _failure(self, error: Exception) -> Exception:
        number, words = _number_and_words(error)
        return (
            RowError(words)
            if number in _ROW_ERRORS
            else codes.StatementError(number, f"INSERT INTO {self._table}", words)
        )

    def _warning(self) -> str:
        with self._connection.cursor() as cursor:
            cursor.execute("SHOW WARNINGS LIMIT 1")
            row = cursor.fetchone()
        return str(row[2]) if row else "the server changed or skipped a row"


def _number_and_words(error: Exception) -> tuple[int, str]:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    return number, str(error.args[1] if len(error.args) > 1 else error)

"""COPY into PostgreSQL that goes on however much the server says meanwhile, and ends as soon as it refuses. Imports psycopg.

psycopg's own writer waits for room alone: a server that is blocked because nobody reads its notices never makes any, and its refusal is
seen only when everything has been sent.
"""

import select
import socket
import struct
from typing import Any

import psycopg
from psycopg.copy import LibpqWriter

from engines.duckdb.rows import Again

_PIECE = 1 << 20
_EITHER = select.POLLIN | select.POLLOUT
# The server's message of an error: a letter, its length, and its first field, the severity.
_ERROR = struct.Struct("!cic")
_LONGEST_ERROR = 1 << 20


def copy_in(cursor: "psycopg.Cursor[Any]", statement: str, *, watched: bool = False) -> Any:
    """As `cursor.copy`. The server's error is raised at the end or, when `watched`, by the `write` after it.

    A watched one raises Again where the server seemed to have refused but had not.
    """
    return cursor.copy(statement.encode(), writer=_Sender(cursor, watched))


class _Sender(LibpqWriter):
    def __init__(self, cursor: "psycopg.Cursor[Any]", watched: bool) -> None:
        super().__init__(cursor)
        # With TLS the server's words cannot be told before libpq has read them.
        self._watched = watched and not self._pgconn.ssl_in_use
        self._refused = False
        self._ended = False

    def write(self, data: Any) -> None:
        view = memoryview(data)
        for start in range(0, len(view), _PIECE):
            while not self._pgconn.put_copy_data(view[start : start + _PIECE]):
                self._look(_EITHER)
            while self._pgconn.flush():
                self._look(_EITHER)
        self._look(select.POLLIN, 0)
        if self._refused:
            self.finish()
            # The server did not mean it, and now has some of the rows: they must be taken back.
            raise Again

    def finish(self, exc: BaseException | None = None) -> None:
        if self._ended:
            return
        self._ended = True
        while not self._look(_EITHER) & select.POLLOUT:
            pass
        super().finish(exc)

    def _look(self, events: int, milliseconds: int | None = None) -> int:
        """Wait for one of the events, and take in what the server has said."""
        poll = select.poll()
        poll.register(self._pgconn.socket, events)
        ready = 0
        for _, ready in poll.poll(milliseconds):
            if ready & ~select.POLLOUT:
                self._refused = self._refused or (self._watched and self._error_comes())
                self._pgconn.consume_input()
        return ready

    def _error_comes(self) -> bool:
        """Whether the server's next words are of an error. They may begin in the midst of a message, and so be none."""
        with socket.fromfd(self._pgconn.socket, socket.AF_UNSPEC, socket.SOCK_STREAM) as connection:
            words = connection.recv(_ERROR.size, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        if len(words) < _ERROR.size:
            return False
        letter, length, severity = _ERROR.unpack(words)
        return bool(letter == b"E" and severity == b"S" and 0 < length < _LONGEST_ERROR)

"""COPY into PostgreSQL that goes on however much the server says meanwhile, and ends as soon as it refuses. Imports psycopg.

psycopg's own writer waits for room alone: a server that is blocked because nobody reads its notices never makes any, and its refusal is
seen only when everything has been sent.
"""

import select
import socket
from typing import Any

import psycopg
from psycopg.copy import LibpqWriter

# How the server's message of an error begins.
_ERROR_RESPONSE = b"E"
_PIECE = 1 << 20
_EITHER = select.POLLIN | select.POLLOUT


def copy_in(cursor: "psycopg.Cursor[Any]", statement: str) -> Any:
    """As `cursor.copy`. The server's error is raised by `write`, or at the end."""
    return cursor.copy(statement.encode(), writer=_Sender(cursor))


class _Sender(LibpqWriter):
    def __init__(self, cursor: "psycopg.Cursor[Any]") -> None:
        super().__init__(cursor)
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
                self._refused = self._refused or self._error_comes()
                self._pgconn.consume_input()
        return ready

    def _error_comes(self) -> bool:
        """Whether the server's next word is one. With TLS that cannot be told: then it is known at the end."""
        if self._pgconn.ssl_in_use:
            return False
        with socket.fromfd(self._pgconn.socket, socket.AF_UNSPEC, socket.SOCK_STREAM) as watched:
            return watched.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == _ERROR_RESPONSE

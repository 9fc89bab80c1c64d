"""Pipes between DuckDB and this process: what DuckDB writes as text comes out here in large chunks, never as rows."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator

from engines.duckdb.types import literal

CHUNK = 1 << 20
# Linux's fcntl command to widen a pipe; fcntl knows the name only since Python 3.10, and only there.
_SET_PIPE_SIZE = "F_SETPIPE_SZ"


def open_pipe(wide: bool = True) -> tuple[int, int]:
    """A pipe as wide as the system gives one, so that both sides run on without waking each other for every page."""
    import fcntl

    reading, writing = os.pipe()
    if wide and hasattr(fcntl, _SET_PIPE_SIZE):
        with contextlib.suppress(OSError):
            fcntl.fcntl(writing, getattr(fcntl, _SET_PIPE_SIZE), CHUNK)
    return reading, writing


def path_of(descriptor: int) -> str:
    return f"/dev/fd/{descriptor}"


@contextlib.contextmanager
def draining(sink: Callable[[bytes], object], wide: bool = True) -> Iterator[int]:
    """A descriptor to write to; a thread hands everything written to `sink`. A narrow pipe keeps the writer near a slow sink.

    Where the sink fails, the writer's end breaks, and the sink's error is raised in place of what the writer makes of that.
    """
    reading, writing = open_pipe(wide)
    failed: list[BaseException] = []
    thread = threading.Thread(target=_drain, args=(reading, sink, failed), daemon=True)
    thread.start()
    try:
        yield writing
    except Exception:
        _finish(writing, thread)
        if failed:
            raise failed[0] from None
        raise
    _finish(writing, thread)
    if failed:
        raise failed[0]


def _finish(writing: int, thread: threading.Thread) -> None:
    os.close(writing)
    thread.join()


def _drain(reading: int, sink: Callable[[bytes], object], failed: list[BaseException]) -> None:
    try:
        while chunk := os.read(reading, CHUNK):
            sink(chunk)
    except BaseException as error:
        failed.append(error)
    finally:
        os.close(reading)


def copy_lines(select: str, descriptor: int) -> str:
    """SQL that writes a SELECT of one text column into `descriptor`, a line each, without any quoting."""
    return (
        f"COPY ({select}) TO {literal(path_of(descriptor))} "
        "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x1e', NULLSTR '', USE_TMP_FILE false)"
    )

"""Which log of a task is meant and how far it has come: it lies in the store, and what is to become of it is in the task's row."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep

from flask import current_app

from webapp.errors import Gone, NotFound, Unavailable
from webapp.extensions import db
from webapp.logs import places
from webapp.logs.places import Found
from webapp.logs.store import LogStore, Piece
from webapp.logs.store import State as LogState
from webapp.states import FINAL, State, TaskType
from webapp.tasks import queries

LOOK_SECONDS = 0.1
CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """The log of one attempt, 0 before the first. It is `over` when nothing will follow in it, nor in that of a later attempt
    when the latest is what was asked for."""

    task_id: str
    attempt: int
    over: bool
    # Whether there should be a log, so that one that is not there has been deleted.
    written: bool


@dataclass(frozen=True, slots=True)
class Answer:
    piece: Piece
    attempt: int
    size: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Searched:
    found: Found
    attempt: int
    size: int


def wanted(task_id: str, attempt: int | None = None) -> Wanted:
    """The latest attempt's log, or that of the one asked for. Raises NotFound."""
    task = queries.get(task_id)
    if attempt is not None and attempt > task.attempt:
        raise NotFound(f"The task has had {task.attempt} attempts so far, so there is no log of attempt {attempt}.")
    over = task.state in FINAL
    if attempt is not None:
        over = over or attempt < task.attempt or task.state != State.STARTED
    number = task.attempt if attempt is None else attempt
    return Wanted(task_id, number, over, over and number > 0 and task.type == TaskType.EXECUTE)


def read(task_id: str, attempt: int | None, offset: int, limit: int, wait: float) -> Answer:
    """Text from an offset; held for so many seconds until there is some. Raises NotFound, Gone, Unavailable."""
    until = monotonic() + wait
    while True:
        log = wanted(task_id, attempt)
        db.session.remove()  # a waiter holds no connection
        with reachable() as store:
            # The row was read before the log, so a log that is called complete has been read to its end.
            state = store.state(task_id, log.attempt, fresh=log.over)
            if log.over or state.size > offset or monotonic() >= until:
                break
        sleep(LOOK_SECONDS)
    _must_be_kept(log, state)
    with reachable() as store:
        piece = store.read(task_id, log.attempt, offset, limit)
    # The log may have grown since the look at it.
    size = max(state.size, piece.next_offset) if piece.text else state.size
    return Answer(piece, log.attempt, size, log.over and piece.next_offset >= state.size)


def chunks(log: Wanted) -> Iterator[bytes]:
    """The whole log, in constant memory. The request may be over when it is read, and its connection given back.

    Raises Gone, Unavailable.
    """
    with reachable() as store:
        _must_be_kept(log, store.state(log.task_id, log.attempt, fresh=True))

    def pieces(offset: int = 0) -> Iterator[bytes]:
        while (piece := store.read(log.task_id, log.attempt, offset, CHUNK_BYTES)).text:
            yield piece.text
            offset = piece.next_offset

    return pieces()


def line_start(task_id: str, attempt: int | None, number: int) -> int:
    """Where a line begins. Raises NotFound, Unavailable."""
    log = wanted(task_id, attempt)
    with reachable() as store:
        return store.line_start(task_id, log.attempt, number)


def line_at(task_id: str, attempt: int, offset: int) -> int:
    """Which line an offset is in. Raises Unavailable."""
    with reachable() as store:
        return store.line_at(task_id, attempt, offset)


def search(task_id: str, attempt: int | None, text: str | None, offset: int, most: int) -> Searched:
    """The next lines with a text, or of errors where it is None. Raises NotFound, Gone, Unavailable."""
    log = wanted(task_id, attempt)
    db.session.remove()  # it may take a while
    with reachable() as store:
        state = store.state(task_id, log.attempt, fresh=log.over)
        _must_be_kept(log, state)
        lines = places.errors if text is None else places.text(text)
        found = store.find(task_id, log.attempt, lines, offset, most)
    return Searched(found, log.attempt, max(state.size, found.next_offset))


def _must_be_kept(log: Wanted, state: LogState) -> None:
    if log.written and not state.kept:
        raise Gone(
            f"The log of attempt {log.attempt} is not kept: it was deleted, or its worker was lost before it began."
        )


@contextmanager
def reachable() -> Iterator[LogStore]:
    try:
        yield current_app.extensions["logs"]
    except OSError as error:
        current_app.logger.warning("the log store: %s", error)
        raise Unavailable("The store of the logs cannot be reached now.") from error

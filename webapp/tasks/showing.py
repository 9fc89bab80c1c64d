"""What the page of one task shows: its row, its log's end, its result, and its document without secrets."""

import re
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from webapp.errors import Unavailable
from webapp.logs.store import LEAST_LIMIT, Piece
from webapp.sealing import documents as sealing
from webapp.states import CLAIMABLE, FINAL, State
from webapp.tasks import causes, forecast, logs, queries, schemas, waits
from webapp.tasks.models import Task

# What the page brings along; its script asks for more as it is needed.
LOG_TAIL_BYTES = 64 * 1024
MOST_LINES = 5000
MOST_LINE_CHARACTERS = 2000

# Those by which the places of problems are counted; `splitlines` knows more.
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class LogTail:
    """The end of a log, from byte `start` to byte `next` of `size`, and the number of the line that it begins with."""

    attempt: int
    # Whether that attempt was asked for, so that no later one takes its place.
    fixed: bool
    text: str = ""
    start: int = 0
    next: int = 0
    line: int = 1
    size: int = 0
    complete: bool = False
    # Why there is nothing to show, if there is something wrong.
    note: str = ""


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """The lines of a document as it was given, its secrets masked; `left_out` counts those that are too many to show."""

    lines: list[str]
    left_out: int


def heading(task: Task, last_run: str | None = None) -> dict[str, Any]:
    """What changes while the task runs. `last_run` is what an earlier call found to judge it by."""
    final = task.state in FINAL
    result = queries.briefs([task.id]).get(task.id) if final else None
    return {
        "task": task,
        "final": final,
        "waiting": _waiting(task),
        "forecast": forecast.of(task, last_run),
        "duration": schemas.duration(task.started_at, task.finished_at),
        "result": result,
        "error": causes.told(task.error, result),
        "commands": _commands(task),
    }


def log_tail(task: Task, attempt: int | None = None) -> LogTail:
    """A page is shown whatever has become of the log. Raises NotFound for an attempt that was not made."""
    wanted = logs.wanted(task.id, attempt)
    fixed = attempt is not None
    try:
        with logs.reachable() as store:
            state = store.state(task.id, wanted.attempt, fresh=True)
            piece = store.end(task.id, wanted.attempt, LOG_TAIL_BYTES)
            start, text = _whole_lines(piece)
            line = store.line_at(task.id, wanted.attempt, start)
    except Unavailable:
        return LogTail(wanted.attempt, fixed, note=_("The store of the logs cannot be reached now."))
    return LogTail(
        wanted.attempt,
        fixed,
        text.decode(),
        start,
        piece.next_offset,
        line,
        max(state.size, piece.next_offset),
        wanted.over and piece.next_offset >= state.size,
        _("The log is not kept any more.") if wanted.written and not state.kept else "",
    )


def _whole_lines(piece: Piece) -> tuple[int, bytes]:
    """A text without the rest of a line that it begins in, and its offset."""
    start = piece.next_offset - len(piece.text)
    cut = piece.text.find(b"\n") + 1
    # Where bytes were left out a line says so, and the text is not as long as what it stands for.
    if piece.offset == 0 or cut == 0 or not 0 <= start - piece.offset < LEAST_LIMIT:
        return piece.offset, piece.text
    return start + cut, piece.text[cut:]


def document(task: Task) -> ShownDocument:
    return lines_of(sealing.shown(queries.document(task.id).content))


def lines_of(text: str) -> ShownDocument:
    lines = _LINE_END.split(text)
    shown = [line if len(line) <= MOST_LINE_CHARACTERS else line[:MOST_LINE_CHARACTERS] + " …" for line in lines]
    return ShownDocument(shown[:MOST_LINES], max(0, len(lines) - MOST_LINES))


def parameters(task: Task) -> dict[str, Any]:
    document = queries.document(task.id)
    return sealing.shown_parameters(document.params, document.content)


def _waiting(task: Task) -> str | None:
    """Why a task that is to run does not run yet."""
    if task.state not in CLAIMABLE:
        return None
    if task.waiting_for is None and task.state == State.RETRY:
        said = _("The last attempt failed; another one will start by itself.")
    elif task.waiting_for is None and task.published_at is None:
        said = _("The broker is away. The task is kept, and runs when the broker is back.")
    else:
        obstacle = waits.obstacle(task)
        turn = _("Waiting for a worker of the queue %(queue)s.", queue=task.queue)
        said = turn if obstacle is None else waits.sentence(obstacle)
    return str(said)


def _commands(task: Task) -> dict[str, str]:
    """The lines by which a program gets the result."""
    address = request.host_url.rstrip("/") + url_for("api.result", task_id=task.id)
    return {
        "curl": f'curl -s -H "Authorization: Bearer $TOKEN" "{address}?wait=30"',
        "python": "from tasks_scheduler import DataXTaskScheduler\n\n"
        "result = DataXTaskScheduler().get_task_result_by_id("
        f'{task.id!r}, "{task.type}")\n'
        "print(result.result if result.ready() else result.state)",
    }

"""The JSON API of a task's log: its text, and where in it something is."""

from dataclasses import asdict
from typing import Any, Literal, Self

from flask import Response
from flask_openapi import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, model_validator

from webapp.accounts.guard import viewers
from webapp.refusals import refusals
from webapp.requests import declared
from webapp.tasks import logs
from webapp.tasks.api import TaskPath, Wait

LOG_LIMIT = 1024 * 1024
MOST_LINES = 1000

blueprint = APIBlueprint(
    "log_api",
    __name__,
    url_prefix="/api",
    abp_security=[{"token": []}],
    abp_responses=refusals(401, 403, 429),
)

_attempt = Field(default=None, ge=1, le=2**31 - 1, description="Which attempt's log; the latest by default.")


class LogQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    attempt: int | None = _attempt
    offset: int = Field(default=0, ge=0, le=2**53, description="Bytes from the log's start.")
    line: int | None = Field(
        default=None, ge=1, le=2**53, description="Begin with this line, whatever `offset` says; the first is 1."
    )
    numbered: bool = Field(default=False, description="Say in `X-Log-Line` which line the text begins in.")
    limit: int = Field(default=65536, ge=1, le=LOG_LIMIT, description="Bytes at most.")
    wait: Wait = 0


class SearchQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    attempt: int | None = _attempt
    text: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Lines that hold it; the case of A to Z does not matter.",
    )
    level: Literal["error"] | None = Field(default=None, description="Lines of that level, or above a stack trace.")
    offset: int = Field(default=0, ge=0, le=2**53, description="Where to begin: the last answer's `next_offset`.")
    limit: int = Field(default=200, ge=1, le=MOST_LINES, description="Lines at most.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.level is None):
            raise ValueError("give either 'text' or 'level'")
        return self


class FoundLine(BaseModel):
    line: int = Field(description="Its number, the first being 1.")
    offset: int = Field(description="Where in the log the place is, in bytes.")


class FoundLines(BaseModel):
    attempt: int
    lines: list[FoundLine]
    next_offset: int = Field(description="Where to look on.")
    size: int = Field(description="How long the log is by now.")
    complete: bool = Field(description="Whether all that there is by now has been looked through.")


_headers = {
    "X-Log-Attempt": {"schema": {"type": "integer"}, "description": "Whose log it is; each attempt's begins at 0."},
    "X-Log-Offset": {
        "schema": {"type": "integer"},
        "description": "Where the text begins: at `offset`, or before it where that lies among bytes that were left out.",
    },
    "X-Log-Line": {
        "schema": {"type": "integer"},
        "description": "The number of the line that the text begins in, where `line` or `numbered` asked for it.",
    },
    "X-Log-Next-Offset": {"schema": {"type": "integer"}, "description": "Where to read on."},
    "X-Log-Size": {
        "schema": {"type": "integer"},
        "description": "How long the log is by now: to see its end, read from a little before that.",
    },
    "X-Log-Complete": {
        "schema": {"type": "string", "enum": ["true", "false"]},
        "description": "Whether nothing will follow.",
    },
}
_text = {
    "description": "Text from `offset`",
    "headers": _headers,
    "content": {"text/plain": {"schema": {"type": "string"}}},
}


@blueprint.get("/tasks/<task_id>/log", summary="The log", responses={"200": _text, **refusals(400, 404, 410, 422, 503)})
@viewers
@declared
def log(path: TaskPath, query: LogQuery) -> Response:
    """Bytes from `offset`, cut at a character boundary; `wait` holds the answer until there are new ones.

    Each attempt has a log of its own. Without `attempt` it is the latest one's, which is complete when the task is ready. A log that is
    longer than the server keeps has a line in its middle that says how much was left out; `X-Log-Next-Offset` counts that too, and lines
    keep their numbers. 410 when the log of a finished attempt is not kept any more; the task and its result stay.
    """
    offset = query.offset if query.line is None else logs.line_start(path.task_id, query.attempt, query.line)
    answer = logs.read(path.task_id, query.attempt, offset, query.limit, query.wait)
    response = Response(answer.piece.text, mimetype="text/plain")
    response.headers["X-Log-Attempt"] = str(answer.attempt)
    response.headers["X-Log-Offset"] = str(answer.piece.offset)
    response.headers["X-Log-Next-Offset"] = str(answer.piece.next_offset)
    response.headers["X-Log-Size"] = str(answer.size)
    response.headers["X-Log-Complete"] = "true" if answer.complete else "false"
    if query.numbered or query.line is not None:
        response.headers["X-Log-Line"] = str(logs.line_at(path.task_id, answer.attempt, answer.piece.offset))
    return response


@blueprint.get(
    "/tasks/<task_id>/log/search",
    summary="Search the log",
    responses={"200": FoundLines, **refusals(400, 404, 410, 422, 503)},
)
@viewers
@declared
def search(path: TaskPath, query: SearchQuery) -> dict[str, Any]:
    """Lines that hold a text, or that tell of an error, in the order of the log.

    One call looks through a bounded part of the log, so its answer may be short or empty: the next one goes on at `next_offset`, until
    `complete`. A line that lies where one call ends and the next begins may be in both.
    """
    searched = logs.search(path.task_id, query.attempt, query.text, query.offset, query.limit)
    return {
        "attempt": searched.attempt,
        "lines": [asdict(place) for place in searched.found.places],
        "next_offset": searched.found.next_offset,
        "size": searched.size,
        "complete": searched.found.next_offset >= searched.size,
    }

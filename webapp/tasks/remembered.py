"""Answers that never change, given again without a look at the database: the result of a finished task, polled once more."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, request

from webapp.accounts import tokens
from webapp.accounts.guard import bearer, caller
from webapp.accounts.roles import Caller
from webapp.limits import Limits

# Retention may delete a row; for so long a process may still answer with what it read before.
KEPT_SECONDS = 5.0
KEPT_BYTES = 16 * 1024 * 1024
# What an answer takes beside its body and the words of its request.
ENTRY_BYTES = 1024

# All that such an answer depends on. Whether it is allowed was decided when it was given the first time.
_ASKED = ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "HTTP_HOST", "HTTP_AUTHORIZATION")
_Asked = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, to whom, and until when it may be answered again."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    caller: Caller
    token_digest: str
    until: float
    size: int


class RememberedAnswers:
    """The answers that one process gave lately, bounded in age and in total size. Threads share it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Asked, Answer] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def keep(self, response: Response) -> Response:
        """Remember the answer to the current request if a token asked for it; a session's cookie can change meanwhile."""
        token, body = bearer(request.headers.get("Authorization")), response.get_data()
        asked = _asked(request.environ)
        size = ENTRY_BYTES + len(body) + sum(map(len, filter(None, asked)))
        if token is not None and size <= KEPT_BYTES // 8:
            headers, until = response.headers.to_wsgi_list(), monotonic() + KEPT_SECONDS
            self._put(asked, Answer(response.status, headers, body, caller(), tokens.digest_of(token), until, size))
        return response

    def get(self, environ: WSGIEnvironment) -> Answer | None:
        """The answer, if this very request was answered lately and its token still stands for the same caller as then."""
        answer = self._kept.get(_asked(environ))
        if answer is None or monotonic() >= answer.until:
            return None
        # One whose role, project or token changed has been looked up anew, and is not the same any more.
        return answer if tokens.seen_lately(answer.token_digest) is answer.caller else None

    def _put(self, asked: _Asked, answer: Answer) -> None:
        with self._lock:
            self._forget(asked)
            self._kept[asked] = answer
            self._bytes += answer.size
            while self._bytes > KEPT_BYTES:
                self._forget(next(iter(self._kept)))

    def _forget(self, asked: _Asked) -> None:
        answer = self._kept.pop(asked, None)
        if answer is not None:
            self._bytes -= answer.size


def init_app(app: Flask) -> None:
    """To be called before any room that wraps the application, so that what they add and check goes for these answers too."""
    app.extensions["remembered_answers"] = answers = RememberedAnswers()
    app.wsgi_app = _Remembering(app.wsgi_app, answers, app)  # type: ignore[method-assign]


class _Remembering:
    """Answers below Flask, whose way costs several times what the answer does."""

    def __init__(self, app: WSGIApplication, answers: RememberedAnswers, flask: Flask) -> None:
        self._app, self._answers, self._flask = app, answers, flask

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._answers.get(environ)
        limits: Limits = self._flask.extensions["limits"]
        if answer is None or not limits.lets(answer.caller):
            return self._app(environ, start_response)
        start_response(answer.status, list(answer.headers))
        return [answer.body]


def _asked(environ: WSGIEnvironment) -> _Asked:
    return tuple(map(environ.get, _ASKED))

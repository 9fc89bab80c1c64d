"""Errors that a caller may see, and the one table that turns each into a problem document or a page."""

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, json, render_template, request
from flask_wtf.csrf import CSRFError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from webapp.extensions import DATABASE_AWAY, db

PROBLEM_JSON = "application/problem+json"


class AppError(Exception):
    """Base of what domain code raises. `errors` are findings with `pointer`, `line` and `detail`."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    title = "Internal error"
    headers: dict[str, str] = {}

    def __init__(self, detail: str = "", errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = errors or []


class InvalidRequest(AppError):
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The request is not valid"


class BadRequest(AppError):
    status = HTTPStatus.BAD_REQUEST
    title = "The request cannot be read"


class NotFound(AppError):
    status = HTTPStatus.NOT_FOUND
    title = "Not found"


class Conflict(AppError):
    status = HTTPStatus.CONFLICT
    title = "Not possible in this state"


class Stale(AppError):
    status = HTTPStatus.PRECONDITION_FAILED
    title = "Changed meanwhile"


class Unguarded(AppError):
    status = HTTPStatus.PRECONDITION_REQUIRED
    title = "The request does not say which version it is about"


class Gone(AppError):
    status = HTTPStatus.GONE
    title = "No longer there"


class Unavailable(AppError):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Not available now"
    headers = {"Retry-After": "5"}


class TooLarge(AppError):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "The request is too large"


class UnsupportedMediaType(AppError):
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "This content type is not accepted"


class Unauthorized(AppError):
    status = HTTPStatus.UNAUTHORIZED
    title = "Authentication is needed"
    headers = {"WWW-Authenticate": "Bearer"}


class Forbidden(AppError):
    status = HTTPStatus.FORBIDDEN
    title = "Not allowed"


class TooManyRequests(AppError):
    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many requests"

    def __init__(self, detail: str = "", retry_after: int = 1) -> None:
        super().__init__(detail)
        self.headers = {"Retry-After": str(retry_after)}


def invalid(error: ValidationError) -> InvalidRequest:
    """Every finding of a pydantic model as a problem; the unions' branch names are left out of the pointer."""
    errors = [
        {"pointer": _pointer(found["loc"]), "line": None, "detail": found["msg"].removeprefix("Value error, ")}
        for found in error.errors(include_input=False, include_url=False)
    ]
    return InvalidRequest("; ".join(f"{e['pointer'] or 'body'}: {e['detail']}" for e in errors[:5]), errors)


def init_app(app: Flask) -> None:
    app.register_error_handler(AppError, _app_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    for away in DATABASE_AWAY:
        app.register_error_handler(away, _database_away)
    app.register_error_handler(Exception, _unexpected)


def problem(status: int, title: str, detail: str, errors: list[dict[str, Any]] | None = None) -> Response:
    """An RFC 9457 document."""
    body = {"type": "about:blank", "title": title, "status": int(status), "detail": detail, "errors": errors or []}
    return Response(json.dumps(body), int(status), mimetype=PROBLEM_JSON)


def _answer(status: int, title: str, detail: str, errors: list[dict[str, Any]] | None = None) -> Response:
    if request.path.startswith(("/api/", "/healthz", "/readyz")):
        return problem(status, title, detail, errors)
    page = render_template("error.html", status=int(status), title=title, detail=detail, errors=errors or [])
    return Response(page, int(status), mimetype="text/html")


def _app_error(error: AppError) -> Response:
    response = _answer(error.status, error.title, error.detail, error.errors)
    response.headers.update(error.headers)
    return response


def _database_away(error: DBAPIError) -> Response:
    """Nothing was stored: the same request may be sent again."""
    current_app.logger.warning("the database is away: %s", type(error.orig).__name__)
    db.session.rollback()
    g.database_away = True  # the page that says so must not ask it who is looking
    return _app_error(Unavailable("The database cannot be reached now. Nothing was stored; try again in a moment."))


def _csrf_error(error: CSRFError) -> Response:
    return _answer(
        400, "The form has expired", "Reload the page and send it again: its security token is missing or too old."
    )


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    response = _answer(error.code or 500, error.name, error.description or error.name)
    response.headers.update({name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}})
    return response


def _unexpected(error: Exception) -> Response:
    current_app.logger.exception("unexpected error at %s %r", request.method, request.path)
    return _answer(500, "Internal error", "The server's log has the details.")


def _pointer(location: tuple[int | str, ...]) -> str:
    parts = [str(part) for part in location if not _is_branch(part)]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _is_branch(part: int | str) -> bool:
    return isinstance(part, str) and (
        part in {"[key]", "str", "int", "float", "bool"} or part.startswith(("dict[", "function-"))
    )

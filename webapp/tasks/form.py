"""The form of a new task: what was typed, kept as it was typed, and the submission that it asks for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from werkzeug.datastructures import FileStorage, MultiDict

from engines.needs import Needs
from webapp.errors import AppError, BadRequest, InvalidRequest
from webapp.requests import parse_object
from webapp.states import TaskType
from webapp.tasks import service, submission
from webapp.tasks.models import Task
from webapp.tasks.publishing import publish
from webapp.tasks.submission import Submission

# An empty field counts as not given, and the submission's own default holds.
MORE = ("timeout", "retries", "stall_timeout", "exclusive", "expires", "queue", "priority")
_PLAIN = ("type", "name", "engine", "secrets_of", *MORE)


@dataclass(frozen=True, slots=True)
class Typed:
    """What the fields hold. `job` is the document as text, `rows` the names and values of parameters."""

    job: str = ""
    fields: dict[str, str] = field(default_factory=lambda: {"type": "execute", "engine": "auto"})
    deep: bool = False
    rows: tuple[tuple[str, str], ...] = ()
    params: str = ""

    @property
    def shown_job(self) -> str:
        """The document as a page can hold it: bytes of an upload that are not UTF-8 are replaced."""
        return self.job.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def values(self) -> dict[str, Any]:
        """The same as the body of the API's submit call. Raises InvalidRequest."""
        given = {name: value.strip() for name, value in self.fields.items() if value.strip()}
        return {
            **given,
            "job": self.job,
            "params": self._parameters(),
            "deep": self.deep and given.get("type") == TaskType.VALIDATE,
        }

    def _parameters(self) -> dict[str, Any]:
        values = _object(self.params) if self.params.strip() else {}
        for name, value in self.rows:
            if name in values:
                raise _refused_params(f"the name {name!r} is given twice")
            if not name:
                raise _refused_params(f"the value {value[:40]!r} has no name")
            values[name] = value
        return values


def read(fields: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> Typed:
    """What a browser sent. An uploaded file wins over the text."""
    upload = files.get("file")
    # Browsers send every line end of a text area as CRLF, whatever it was.
    job = fields.get("job", "").replace("\r\n", "\n")
    if upload is not None and upload.filename:
        job = submission.text_of(upload.read())
    rows = zip(fields.getlist("param_name"), fields.getlist("param_value"), strict=False)
    return Typed(
        job=job,
        fields={name: fields.get(name, "") for name in _PLAIN},
        deep="deep" in fields,
        rows=tuple(_filled(rows)),
        params=fields.get("params", ""),
    )


def send(typed: Typed, account_id: int, complete: Callable[[Submission], Submission]) -> Task | AppError:
    """The new task, or why there is none."""
    try:
        wanted = complete(submission.read(typed.values()))
        needs = submission.accept(wanted, current_app.extensions["offers"], current_app.extensions["policy"])
    except AppError as error:
        return error
    return _submit(wanted, account_id, needs)


def document_problems(refusal: AppError | None) -> list[dict[str, Any]]:
    """The findings that have a place in the document."""
    return [error for error in refusal.errors if "column" in error] if refusal else []


def field_problems(refusal: AppError | None) -> dict[str, str]:
    """What is wrong with each other field, by its name; under `""` what belongs to no single field."""
    if refusal is None:
        return {}
    found = [error for error in refusal.errors if "column" not in error]
    named = {error["pointer"].split("/")[1] if error["pointer"] else "": error["detail"] for error in found}
    return named or ({} if document_problems(refusal) else {"": refusal.detail})


def _submit(wanted: Submission, account_id: int, needs: Needs | None) -> Task:
    task = service.submit(wanted, account_id, needs=needs)
    publish(task)
    return task


def _filled(rows: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return ((name.strip(), value) for name, value in rows if name.strip() or value)


def _object(text: str) -> dict[str, Any]:
    try:
        return parse_object(text.encode("utf-8", "surrogatepass"), "the JSON")
    except BadRequest as error:
        raise _refused_params(error.detail) from None


def _refused_params(detail: str) -> InvalidRequest:
    return InvalidRequest(detail, [{"pointer": "/params", "line": None, "detail": detail}])

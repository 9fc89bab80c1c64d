"""What is asked for when a task is submitted, and whether it can be accepted. API, pages and Python share it."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from flask import current_app
from flask_babel import gettext
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    StrictInt,
    ValidationError,
)

from datax_job import document as documents
from datax_job.check import Dialect, check
from datax_job.document import Document
from datax_job.problem import DocumentError, Problem, Severity
from engines import dryrun, registry
from engines.base import EngineError, Offer, Offered
from engines.needs import Needs
from webapp import signals
from webapp.datasources import service as sources
from webapp.datasources.references import Lookup
from webapp.errors import InvalidRequest, TooLarge, invalid
from webapp.policy import Policy
from webapp.states import DEFAULT_QUEUE, TaskType
from webapp.tasks import connected

ParameterValue = str | StrictInt | float | StrictBool
MAX_TIMEOUT = 30 * 24 * 3600
MAX_EXPIRY = 366 * 24 * 3600

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def one_line(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("control characters are not allowed")
    return value


def _unless_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("expected a number")
    return value


def _seconds(value: Any) -> Any:
    """A form sends a number as text, which a date would take for seconds since 1970."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 19 else value


Line = Annotated[str, AfterValidator(one_line)]
Whole = Annotated[int, BeforeValidator(_unless_bool)]


def _job(value: Any) -> dict[str, Any] | str:
    if not isinstance(value, dict | str):
        raise ValueError("expected the DataX document, as a JSON object or as text")
    return value


# The document is judged by its own parser, which says where it is broken; here it may be any text at all.
Job = Annotated[dict[str, Any] | str, PlainValidator(_job, json_schema_input_type=dict[str, Any] | str)]


class RunOptions(BaseModel):
    """How a job is run. The fields and their limits are the public API's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine: Line = Field(default="auto", max_length=16, description="`auto`, or a name that `/api/engines` lists.")
    timeout: Whole | None = Field(
        default=None, ge=1, le=MAX_TIMEOUT, description="Seconds after which the run is stopped."
    )
    stall_timeout: Whole | None = Field(
        default=None, ge=1, le=MAX_TIMEOUT, description="Seconds without a record moved after which the run is stopped."
    )
    retries: Whole = Field(default=0, ge=0, le=100, description="How often a failed run is tried again.")
    queue: str = Field(
        default=DEFAULT_QUEUE, pattern=r"^[A-Za-z0-9_.-]{1,64}$", description="Which workers may take it."
    )
    priority: Whole = Field(default=5, ge=0, le=9, description="9 goes first.")
    exclusive: Line | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Tasks with the same key run one at a time, in the order of their submission.",
    )


class Submission(RunOptions):
    """A task to be."""

    type: TaskType = Field(default=TaskType.EXECUTE, description="`execute` runs the job, `validate` only checks it.")
    job: Job = Field(description="The DataX document, as an object or as text (which may carry comments).")
    name: Line | None = Field(default=None, min_length=1, max_length=200, description="What people will call the task.")
    params: dict[Line, ParameterValue] = Field(
        default_factory=dict, description="Values for the document's `${name}` places."
    )
    expires: (
        Annotated[Annotated[Whole, Field(ge=1, le=MAX_EXPIRY)] | AwareDatetime, BeforeValidator(_seconds)] | None
    ) = Field(default=None, description="Seconds from now, or a time: a task not started by then is revoked.")
    deep: StrictBool = Field(
        default=False, description="For `validate`: also connect and look at tables, columns and rights."
    )

    secrets_of: Line | None = Field(
        default=None,
        min_length=1,
        max_length=155,
        description="A task's id: `******` in this document and its parameters stands for what it hides in that task.",
    )

    @property
    def content(self) -> bytes:
        """The document's bytes as they are kept."""
        return content_of(self.job)

    def expires_at(self, now: datetime) -> datetime | None:
        """When the task must have been started; a number of seconds counts from `now`."""
        return now + timedelta(seconds=self.expires) if isinstance(self.expires, int) else self.expires

    def fingerprint(self) -> str:
        options = self.model_dump(mode="json", exclude={"job"})
        return fingerprint(json.dumps(options, sort_keys=True).encode() + b"\n" + self.content)


def fingerprint(request: bytes) -> str:
    """What a repeat of the same request has too. It takes the server's key: else weak secrets in a request could be guessed."""
    return hmac.new(current_app.config["SECRET_KEY"].encode(), request, hashlib.sha256).hexdigest()


def parameters_text(value: ParameterValue) -> str:
    """A parameter as a form shows it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def content_of(job: dict[str, Any] | str) -> bytes:
    """A document's bytes. An object is written out as JSON; what `text_of` made of bytes becomes these bytes again."""
    text = job if isinstance(job, str) else json.dumps(job, ensure_ascii=False, indent=2)
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def text_of(content: bytes) -> str:
    """An uploaded document as text; bytes that are not UTF-8 are kept for the parser to judge."""
    return content.decode("utf-8", "surrogateescape")


def limit_size(content: bytes) -> None:
    if len(content) > documents.MAX_BYTES:
        raise TooLarge(f"The document has {len(content)} bytes; at most {documents.MAX_BYTES} are accepted.")


def read(values: dict[str, Any]) -> Submission:
    """Raises InvalidRequest that names each field, by JSON pointer, with what is accepted there."""
    try:
        return Submission.model_validate(values)
    except ValidationError as error:
        raise invalid(error) from None


def accept(submission: Submission, engines: Mapping[str, Offer], policy: Policy) -> Needs | None:
    """Refuse what could never run, and say what a worker must have for the rest.

    A validate task is accepted however broken its document is; only a deep look may need more than any worker has.

    Raises InvalidRequest with every problem and its place in the document, and TooLarge.
    """
    limit_size(submission.content)
    if submission.engine != "auto" and submission.engine not in engines:
        known = ", ".join(["auto", *engines])
        raise InvalidRequest(f"engine: {submission.engine!r} is not known; accepted: {known}", _at("/engine", known))
    if submission.type is not TaskType.EXECUTE:
        return _needs_of_look(submission, engines, policy) if submission.deep else None
    filled, _ = runnable(submission.job, submission.params, submission.engine, engines, policy)
    return registry.needs(submission.engine, filled, engines)


def _needs_of_look(submission: Submission, engines: Mapping[str, Offer], policy: Policy) -> Needs | None:
    """Plugins that only DataX knows are looked at by its own dry run, so by a worker that has them. Where none has, any says so."""
    try:
        document = documents.parse(submission.job)
    except DocumentError:
        return None
    found = problems_of(document, submission.params, "datax", engines, policy)
    if any(problem.severity is Severity.ERROR for problem in found):
        return None
    filled = connected.filled(document, submission.params, sources.masked)
    if not any(dryrun.unknown_plugins(filled)) or engines["datax"].refusals(filled):
        return None
    return registry.needs("datax", filled, engines)


def runnable(
    job: dict[str, Any] | str | bytes,
    params: dict[str, ParameterValue],
    engine: str,
    engines: Mapping[str, Offered],
    policy: Policy,
    look_up: Lookup = sources.masked,
) -> tuple[dict[str, Any], Offered]:
    """The document with its parameters filled and the engine that will run it. Raises InvalidRequest with the problems.

    Only the worker gives a `look_up` that opens the passwords of data sources.
    """
    try:
        document = documents.parse(job)
    except DocumentError as error:
        raise refused(error.problems) from None
    found = [
        problem
        for problem in problems_of(document, params, engine, engines, policy)
        if problem.severity is Severity.ERROR
    ]
    if found:
        for broken in policy.problems(document, connected.filled(document, params, sources.masked)):
            signals.tell("policy.refused", broken.pointer, rule=broken.message)
        raise refused(found)
    filled = connected.filled(document, params, look_up)
    try:
        return filled, registry.choose(engine, filled, engines)
    except EngineError as error:
        said, problems = error.text.translated(gettext), getattr(error, "problems", None)
        raise (refused(problems, said) if problems else InvalidRequest(said, _at("/engine", said))) from None


def problems_of(
    document: Document,
    params: dict[str, ParameterValue] | None,
    engine: str,
    engines: Mapping[str, Offer],
    policy: Policy,
) -> list[Problem]:
    """Everything that the static check and the server's policy have to say. Without `params` a `${name}` is no problem yet."""
    there = [engine.status() for engine in engines.values()]
    installed = frozenset(name for status in there for name in (*status.readers, *status.writers))
    limits = frozenset(unit for status in there for unit in status.channel_limits)
    given = connected.checkable(document, params)
    dialect: Dialect = "addax" if engine == "addax" else "datax"
    found = given.problems + check(given.document, given.params, installed, dialect, limits)
    if not any(problem.severity is Severity.ERROR for problem in found):
        filled = connected.filled(document, params or {}, sources.masked)
        found += policy.problems(document, filled)
    return found


def refused(problems: list[Problem], detail: str | None = None) -> InvalidRequest:
    """The problems as a refusal, in the shape of the API's errors."""
    said = [problem.text.translated(gettext) for problem in problems]
    errors = [
        {"pointer": p.pointer, "line": p.line, "column": p.column, "detail": sentence}
        for p, sentence in zip(problems, said, strict=True)
    ]
    return InvalidRequest(detail or "; ".join(said[:5]), errors)


def _at(pointer: str, detail: str) -> list[dict[str, Any]]:
    return [{"pointer": pointer, "line": None, "detail": detail}]

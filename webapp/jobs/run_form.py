"""The form that runs a saved job: a field for each value that it needs, and the options of this one run."""

from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from datax_job import pointers
from datax_job.secrets import is_secret_name
from webapp.errors import AppError, InvalidRequest
from webapp.jobs import queries, running, schemas, wording
from webapp.jobs.models import SavedJob, SavedJobVersion
from webapp.jobs.schemas import OPTIONS, RunBody
from webapp.requests import check
from webapp.tasks.form import Typed
from webapp.tasks.models import Task
from webapp.tasks.submission import parameters_text


@dataclass(frozen=True, slots=True)
class Row:
    """A field for a value; `secret` ones show dots."""

    name: str
    value: str
    secret: bool


@dataclass(frozen=True, slots=True)
class TypedRun:
    """`version` is the one that was looked at, also when another one has come since."""

    version: int
    values: dict[str, str]
    typed: Typed = field(default_factory=Typed)

    def rows(self, places: list[str]) -> list[Row]:
        names = list(dict.fromkeys([*places, *self.values]))
        return [Row(name, self.values.get(name, ""), is_secret_name(name)) for name in names]


def of(version: SavedJobVersion) -> TypedRun:
    """The form filled with the job's own values, masks in place of secrets."""
    held = schemas.held(version)
    fields = {name: str(value) for name, value in wording.chosen(version).items()}
    values = {name: parameters_text(value) for name, value in held["params"].items()}
    return TypedRun(version.number, values, Typed(fields=fields))


def read(fields: MultiDict[str, str]) -> TypedRun:
    names, values = fields.getlist("param_name"), fields.getlist("param_value")
    options = {name: fields.get(name, "") for name in OPTIONS}
    return TypedRun(fields.get("version", 0, type=int), dict(zip(names, values, strict=False)), Typed(fields=options))


def send(job: SavedJob, typed: TypedRun, account_id: int) -> Task:
    """The new task. Raises InvalidRequest, NotFound."""
    version = queries.version(job, typed.version)
    return running.run(job.id, _body(version, typed), account_id)


def errors(refusal: AppError | None) -> dict[str, str]:
    """What is wrong with a value, by the name of its parameter."""
    found = [(pointers.split(error["pointer"]), error["detail"]) for error in (refusal.errors if refusal else [])]
    return {parts[1]: detail for parts, detail in found if len(parts) > 1 and parts[0] == "params"}


def _body(version: SavedJobVersion, typed: TypedRun) -> RunBody:
    """An empty field counts as not given, unless the job's own value is the empty text."""
    before: dict[str, Any] = schemas.held(version)["params"]
    params = {
        name: before[name] if name in before and value == parameters_text(before[name]) else value
        for name, value in typed.values.items()
    }
    empty = [name for name, value in params.items() if value == "" and before.get(name) != ""]
    if empty:
        raise InvalidRequest(*running.missing(empty))
    options = {name: value.strip() or None for name, value in typed.typed.fields.items()}
    fields = RunBody.model_fields
    given = {name: fields[name].get_default() if value is None else value for name, value in options.items()}
    return check(RunBody, {**given, "params": params, "version": version.number})

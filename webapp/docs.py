"""The API's contract: the OpenAPI document, generated from the models, and a page that shows it without any other host."""

from functools import cache
from typing import Any

from flask import Blueprint, Flask, Response, current_app, json, render_template
from flask_openapi import OpenAPI
from pydantic import BaseModel, TypeAdapter

from webapp.accounts.guard import public
from webapp.jobs.schemas import JobView
from webapp.results.execute import ExecuteResult
from webapp.tasks.schemas import ProblemDocument, TaskView
from webapp.tasks.submission import Submission

DESCRIPTION = "Submit DataX jobs and read their results by task id. Send an API token as `Authorization: Bearer TOKEN`."

# Models that only hand-written parts of the document refer to.
_EXTRA: dict[str, Any] = {
    "Submission": Submission,
    "ProblemDocument": ProblemDocument,
    "TaskView": TaskView,
    "JobView": JobView,
    "ExecuteResult": ExecuteResult,
}

blueprint = Blueprint("docs", __name__, url_prefix="/api")


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    """The OpenAPI document."""
    return Response(json.dumps(document()), mimetype="application/json")


@blueprint.get("/docs")
@public
def page() -> str:
    """The same for people."""
    spec = document()
    return render_template("api_docs.html", spec=spec, shared=shared_answers(spec))


def document() -> dict[str, Any]:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    return _document(app)


@cache
def _document(app: OpenAPI) -> dict[str, Any]:
    # The document uses nothing of 3.2, which few generators of clients read yet.
    spec = {**app.api_doc, "openapi": "3.1.1"}
    schemas = spec["components"].setdefault("schemas", {})
    _forget_unused_refusals(spec)
    for name, model in _EXTRA.items():
        schema = _schema(model)
        schemas.update(schema.pop("$defs", {}))
        schemas[name] = schema
    return spec


def _forget_unused_refusals(spec: dict[str, Any]) -> None:
    """The framework gives 422 in a form of its own to each call that says nothing of it. Those take nothing that could be refused."""
    for path in spec["paths"].values():
        for call in path.values():
            if "ValidationErrorModel" in str(call["responses"].get("422")):
                del call["responses"]["422"]
    del spec["components"]["schemas"]["ValidationErrorModel"]


def shared_answers(spec: dict[str, Any]) -> dict[str, Any]:
    """The answers that every call with a token may give, by status: the page tells of them once."""
    calls = [call for path in spec["paths"].values() for call in path.values() if call.get("security")]
    first, *others = (call["responses"] for call in calls)
    return {code: answer for code, answer in first.items() if all(each.get(code) == answer for each in others)}


def _schema(model: Any) -> dict[str, Any]:
    template = "#/components/schemas/{model}"
    if isinstance(model, type) and issubclass(model, BaseModel):
        return model.model_json_schema(ref_template=template)
    return TypeAdapter(model).json_schema(ref_template=template)

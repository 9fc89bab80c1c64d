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
    return render_template("api_docs.html", spec=document())


def document() -> dict[str, Any]:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    return _document(app)


@cache
def _document(app: OpenAPI) -> dict[str, Any]:
    # The document uses nothing of 3.2, which few generators of clients read yet.
    spec = {**app.api_doc, "openapi": "3.1.1"}
    schemas = spec["components"].setdefault("schemas", {})
    for name, model in _EXTRA.items():
        schema = _schema(model)
        schemas.update(schema.pop("$defs", {}))
        schemas[name] = schema
    return spec


def _schema(model: Any) -> dict[str, Any]:
    template = "#/components/schemas/{model}"
    if isinstance(model, type) and issubclass(model, BaseModel):
        return model.model_json_schema(ref_template=template)
    return TypeAdapter(model).json_schema(ref_template=template)

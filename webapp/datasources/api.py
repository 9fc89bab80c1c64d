"""The JSON API of data sources."""

from typing import Any

from flask import Response
from flask_openapi import APIBlueprint
from pydantic import BaseModel

from webapp.accounts.guard import admins, needs, viewers
from webapp.accounts.roles import Role, Scope
from webapp.datasources import schemas, service, trial
from webapp.requests import declared

_problem = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}}
_missing: dict[Any, Any] = {"404": {"description": "There is no such data source", **_problem}}
_taken: dict[Any, Any] = {"409": {"description": "The name is taken", **_problem}}
_broken: dict[Any, Any] = {
    "400": {"description": "The request cannot be read", **_problem},
    "415": {"description": "This content type is not accepted", **_problem},
}

blueprint = APIBlueprint(
    "datasources_api",
    __name__,
    url_prefix="/api",
    abp_security=[{"token": []}],
    abp_responses={
        "401": {"description": "Authentication is needed", **_problem},
        "403": {"description": "The role or the token's scopes do not allow it", **_problem},
        "422": {"description": "The request is not valid", **_problem},
        "429": {"description": "Too many requests; `Retry-After` says when", **_problem},
    },
)


class SourcePath(BaseModel):
    name: schemas.Name


@blueprint.get("/datasources", summary="The data sources", responses={"200": schemas.DataSourceList})
@viewers
@declared
def datasources() -> list[dict[str, Any]]:
    """By name; passwords are masked."""
    return [schemas.view(source) for source in service.every()]


@blueprint.post(
    "/datasources", summary="Make a data source", responses={"201": schemas.DataSourceView, **_broken, **_taken}
)
@admins
@declared
def create(body: schemas.DataSourceBody) -> tuple[dict[str, Any], int]:
    """Jobs use it by name: `"datasource": "NAME"` in place of username, password and jdbcUrl."""
    return schemas.view(service.create(body)), 201


@blueprint.get("/datasources/<name>", summary="One data source", responses={"200": schemas.DataSourceView, **_missing})
@viewers
@declared
def datasource(path: SourcePath) -> dict[str, Any]:
    return schemas.view(service.get(path.name))


@blueprint.patch(
    "/datasources/<name>",
    summary="Change a data source",
    responses={"200": schemas.DataSourceView, **_broken, **_missing},
)
@admins
@declared
def change(path: SourcePath, body: schemas.DataSourceChange) -> dict[str, Any]:
    """What is left out stays. The password is kept only while URL, user and family stay."""
    return schemas.view(service.change(path.name, body))


@blueprint.delete(
    "/datasources/<name>", summary="Delete a data source", responses={"204": {"description": "Gone"}, **_missing}
)
@admins
@declared
def delete(path: SourcePath) -> Response:
    """Jobs that name it fail from now on."""
    service.delete(path.name)
    return Response(status=204)


@blueprint.post(
    "/datasources/<name>/test", summary="Test the connection", responses={"200": schemas.Tested, **_missing}
)
@needs(Role.OPERATOR, Scope.SUBMIT)
@declared
def test(path: SourcePath) -> dict[str, Any]:
    """Connects from this server, within seconds, and moves nothing."""
    return trial.of(service.get(path.name)).model_dump()

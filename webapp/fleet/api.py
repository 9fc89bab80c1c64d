"""The JSON API of workers and queues."""

from typing import Any

from flask_openapi import APIBlueprint
from pydantic import BaseModel, Field

from webapp.accepted import QUEUE_NAME
from webapp.accounts.guard import caller, needs, viewers
from webapp.accounts.roles import Role, Scope
from webapp.fleet import queries, schemas
from webapp.refusals import refusals
from webapp.requests import declared
from webapp.workers import service

blueprint = APIBlueprint(
    "fleet_api",
    __name__,
    url_prefix="/api",
    abp_security=[{"token": []}],
    abp_responses=refusals(401, 403, 429),
)


class QueuePath(BaseModel):
    name: str = Field(pattern=f"^{QUEUE_NAME.pattern}$", description="The queue's name.")


@blueprint.get("/workers", summary="The workers", responses={"200": schemas.WorkerList})
@viewers
@declared
def workers() -> list[dict[str, Any]]:
    """Every worker that was heard of lately: whether it is alive, what it runs, its queues, its memory and its engines."""
    return [schemas.worker(seen) for seen in queries.seen_workers()]


@blueprint.get("/queues", summary="The queues", responses={"200": schemas.QueueList})
@viewers
@declared
def queues() -> list[dict[str, Any]]:
    """How many tasks wait and run in each queue, who serves it, and whether it is paused."""
    return [schemas.queue(seen) for seen in queries.seen_queues()]


@blueprint.post("/queues/<name>/pause", summary="Pause", responses={"200": schemas.QueueView, **refusals(422)})
@needs(Role.OPERATOR, Scope.MANAGE)
@declared
def pause(path: QueuePath) -> dict[str, Any]:
    """None of its waiting tasks is started; those that run go on."""
    service.pause(path.name, caller().username)
    return schemas.queue(queries.seen_queue(path.name))


@blueprint.post("/queues/<name>/resume", summary="Resume", responses={"200": schemas.QueueView, **refusals(422)})
@needs(Role.OPERATOR, Scope.MANAGE)
@declared
def resume(path: QueuePath) -> dict[str, Any]:
    """Its tasks are started again."""
    service.resume(path.name, caller().username)
    return schemas.queue(queries.seen_queue(path.name))

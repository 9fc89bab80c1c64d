"""`/healthz` and `/readyz`, for load balancers and container engines."""

from typing import Any

from celery import Celery
from flask import Flask, current_app
from flask_openapi import APIBlueprint, OpenAPI
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from webapp.accounts.guard import public
from webapp.broker import AWAY, broker
from webapp.extensions import db

PING_SECONDS = 0.5

blueprint = APIBlueprint("health", __name__)


class Health(BaseModel):
    status: str


class Readiness(BaseModel):
    """`ok`, or what is wrong; `workers` counts those that answered."""

    database: str
    broker: str
    workers: int


def init_app(app: Flask) -> None:
    assert isinstance(app, OpenAPI)
    app.register_api(blueprint)


@blueprint.get("/healthz", summary="Does the process serve?", responses={"200": Health}, security=[])
@public
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@blueprint.get("/readyz", summary="Can tasks run?", responses={"200": Readiness, "503": Readiness}, security=[])
@public
def readyz() -> tuple[dict[str, Any], int]:
    """503 with what is missing."""
    database, broker = _database(), _broker()
    workers = _workers() if broker == "ok" else 0
    ready = database == "ok" and broker == "ok" and workers > 0
    return {"database": database, "broker": broker, "workers": workers}, 200 if ready else 503


def _database() -> str:
    try:
        db.session.execute(text("SELECT 1"))
    except DBAPIError as error:
        return f"unreachable ({type(error.orig).__name__})"
    return "ok"


def _broker() -> str:
    try:
        with broker().address.clone() as connection:  # type: ignore[no-untyped-call]
            connection.ensure_connection(max_retries=1, timeout=PING_SECONDS)
            connection.default_channel.client.ping()
    except AWAY as error:
        return f"unreachable ({type(error).__name__})"
    return "ok"


def _workers() -> int:
    celery: Celery = current_app.extensions["celery"]
    try:
        return len(celery.control.ping(timeout=PING_SECONDS))
    except AWAY:
        return 0

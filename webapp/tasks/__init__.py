"""One run of a job: submit it, run it, follow it, stop it."""

from flask import Flask
from flask_openapi import OpenAPI

from webapp.tasks import api, bulk_api, cli, log_api, models, pages, waiting

__all__ = ["init_app", "models"]


def init_app(app: Flask) -> None:
    assert isinstance(app, OpenAPI)
    app.extensions["waiting_room"] = waiting.WaitingRoom(app)
    for blueprint in (api.blueprint, bulk_api.blueprint, log_api.blueprint):
        app.register_api(blueprint)
    app.register_blueprint(pages.blueprint)
    app.cli.add_command(cli.scheduler)

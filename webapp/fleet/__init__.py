"""Workers and queues beside the tasks that they run: seen by people and programs, and paused by them."""

from flask import Flask
from flask_openapi import OpenAPI

from webapp.fleet import api, cli, pages

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    assert isinstance(app, OpenAPI)
    app.register_api(api.blueprint)
    app.register_blueprint(pages.blueprint)
    app.cli.add_command(cli.workers)
    app.cli.add_command(cli.queue)

"""What to run, kept under a name: versions, runs, and files that come and go."""

from flask import Flask
from flask_openapi import OpenAPI

from webapp.jobs import api, models, pages

__all__ = ["init_app", "models"]


def init_app(app: Flask) -> None:
    assert isinstance(app, OpenAPI)
    app.register_api(api.blueprint)
    pages.init_app(app)

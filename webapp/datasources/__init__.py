"""Named connections: their passwords sealed, used in documents by name, resolved only in the worker."""

from flask import Flask
from flask_openapi import OpenAPI

from webapp.datasources import api, pages


def init_app(app: Flask) -> None:
    assert isinstance(app, OpenAPI)
    app.register_api(api.blueprint)
    app.register_blueprint(pages.blueprint)

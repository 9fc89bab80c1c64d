"""Named connections: their passwords sealed, used in documents by name, resolved only in the worker."""

from flask import Flask
from flask_openapi import OpenAPI

from webapp.datasources import api, pages
from webapp.extensions import csrf


def init_app(app: Flask) -> None:
    assert isinstance(app, OpenAPI)
    csrf.exempt(api.blueprint)  # as the API of tasks: the guard asks for the token when a page's session calls it
    app.register_api(api.blueprint)
    app.register_blueprint(pages.blueprint)

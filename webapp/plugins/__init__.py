"""The catalogue of plugins as programs, editors and people read it."""

from flask import Flask
from flask_openapi import OpenAPI

from webapp.plugins import api, pages

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    assert isinstance(app, OpenAPI)
    app.register_api(api.blueprint)
    app.register_blueprint(pages.blueprint)

"""The catalogue of plugins as programs and editors read it."""

from flask import Flask
from flask_openapi import OpenAPI

from webapp.plugins import api

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    assert isinstance(app, OpenAPI)
    app.register_api(api.blueprint)

"""The catalogue of plugins as programs and editors read it."""

from flask import Flask
from flask_openapi import OpenAPI

from webapp.extensions import csrf
from webapp.plugins import api

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    assert isinstance(app, OpenAPI)
    csrf.exempt(api.blueprint)  # as the API of tasks: the guard asks for the token when a page's session calls it
    app.register_api(api.blueprint)

"""The first page: what runs, what waits, what went wrong, and who works."""

from flask import Flask

from webapp.home import pages
from webapp.home.sight import Sights


def init_app(app: Flask) -> None:
    app.extensions["home_sights"] = Sights()
    app.register_blueprint(pages.blueprint)

"""What to run, kept under a name: versions, runs, and files that come and go."""

from flask import Flask

from webapp.jobs import models

__all__ = ["init_app", "models"]


def init_app(app: Flask) -> None:
    app.extensions["jobs"] = models

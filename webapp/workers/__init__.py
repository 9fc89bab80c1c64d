"""The workers there are, what each can run, and the queues that they serve."""

from flask import Flask

from engines import offers
from webapp.workers import models
from webapp.workers.offered import Announced

__all__ = ["init_app", "models"]


def init_app(app: Flask) -> None:
    app.extensions["offers"] = offers.shared(app.extensions["engines"], Announced())

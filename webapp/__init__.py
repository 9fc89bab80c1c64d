"""The web application: pages and a JSON API over the tasks, and the rooms that its Celery workers share."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from webapp.config import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """The application with every room plugged in. Without `settings` they are read from the environment; raises SettingError.

    Imported when called: who only wants the settings, or only to say that a module is missing, needs none of it.
    """
    from webapp.app import create_app

    return create_app(settings)

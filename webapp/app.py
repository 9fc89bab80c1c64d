"""Puts the application together from its rooms."""

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_openapi import OpenAPI
from sqlalchemy.pool import QueuePool

from engines import registry
from webapp import (
    accounts,
    assets,
    audit,
    celery,
    cli,
    compression,
    config,
    datasources,
    docs,
    errors,
    fleet,
    headers,
    health,
    home,
    hosts,
    jobs,
    language,
    limits,
    plugins,
    policy,
    projects,
    sealing,
    tasks,
    theme,
    workers,
)
from webapp.accounts import guard
from webapp.config import ROOT, Settings
from webapp.extensions import db, migrate, patience
from webapp.logs import store as logs
from webapp.tasks import remembered

__version__ = "0.1.0"

# A document of the largest size, escaped as a JSON string, and the fields beside it.
MAX_REQUEST_BYTES = 24 * 1024 * 1024


class Application(OpenAPI):
    """Flask with the API's document."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing here is a coroutine, and asking each function at each request is a tenth of a poll's time."""
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """The application with every room plugged in. Without `settings` they are read from the environment; raises SettingError."""
    settings = settings or config.load()
    app = Application(
        __name__,
        info={"title": "DataX-Celery", "version": __version__, "description": docs.DESCRIPTION},
        security_schemes={"token": {"type": "http", "scheme": "bearer"}},
        doc_ui=False,
    )
    _configure(app, settings)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    app.extensions["engines"] = registry.engines(settings.engines)
    app.extensions["logs"] = logs.of(settings)
    celery.make(app)
    remembered.init_app(app)
    for room in (
        errors,
        assets,
        compression,
        headers,
        hosts,
        limits,
        language,
        theme,
        sealing,
        policy,
        accounts,
        projects,
        datasources,
        workers,
        tasks,
        jobs,
        fleet,
        plugins,
        home,
        audit,
        docs,
        health,
        cli,
    ):
        room.init_app(app)
    app.context_processor(lambda: {"version": __version__, "endpoints": app.view_functions})
    limits.after_guard(app)
    guard.after_limits(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    sqlite = settings.database.get_backend_name() == "sqlite"
    if sqlite:
        settings.var_dir.mkdir(parents=True, exist_ok=True)
    options: dict[str, Any] = {
        "poolclass": QueuePool,
        "pool_size": 20,
        "max_overflow": 100,
        "pool_pre_ping": not sqlite,
    }
    if not sqlite:  # MySQL's default would show a claim the rows as they were, and lock the gaps between them
        options["isolation_level"] = "READ COMMITTED"
        options["connect_args"] = patience(settings.database)
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.signing_key,
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=options,
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,  # the guard decides which requests are checked
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="en",
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")

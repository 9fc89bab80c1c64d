"""What every test may ask for. Servers and the running product are in their own plugins, started only when asked for."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp import create_app
from webapp.accounts import service as accounts
from webapp.accounts import tokens
from webapp.cli import setup
from webapp.config import Settings, load
from webapp.extensions import db

pytest_plugins = ["tests.services", "tests.stack"]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with the first account in it, copied for each test: migrating takes longer than most tests."""
    folder = tmp_path_factory.mktemp("migrated")
    app = create_app(load({"VAR_DIR": str(folder), "ADMIN_PASSWORD": "first-password"}))
    with app.app_context():
        setup(app.config["SETTINGS"])
        db.session.remove()
        db.engine.dispose()
    return folder / "datax-celery.db"


@pytest.fixture
def make_app(tmp_path: Path, migrated: Path) -> Callable[..., Flask]:
    """Make an app on a database of its own; the arguments are settings, in upper case as in the environment."""

    def make(**environment: str) -> Flask:
        var = tmp_path / "var"
        if not var.exists():
            (var / "files").mkdir(parents=True)
            shutil.copy(migrated, var / "datax-celery.db")
        return create_app(load({"VAR_DIR": str(var), "ADMIN_PASSWORD": "first-password", **environment}))

    return make


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The app, in its context, with the broker away."""
    app = make_app()
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def migrated_servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Flask]:
    """Apps on a migrated PostgreSQL and MariaDB database, made when first asked for."""
    return _Migrated(request, tmp_path_factory)


class _Migrated(dict[str, Flask]):
    def __init__(self, request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> None:
        super().__init__()
        self.request = request
        self.factory = factory

    def __missing__(self, server: str) -> Flask:
        url = self.request.getfixturevalue(server).database().sqlalchemy_url
        app = create_app(
            load({"VAR_DIR": str(self.factory.mktemp(server)), "DATABASE_URL": url, "ADMIN_PASSWORD": "first-password"})
        )
        with app.app_context():
            setup(app.config["SETTINGS"])
        self[server] = app
        return app


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def app_on_each_database(request: pytest.FixtureRequest, migrated_servers: dict[str, Flask]) -> Iterator[Flask]:
    """The app in its context, on each of the three kinds of database in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("app")
        return
    app = migrated_servers[request.param]
    with app.app_context():
        yield app
        db.session.rollback()
        for table in reversed(db.metadata.sorted_tables):
            if table.name not in {"account", "gate", "membership", "project"}:  # what the set-up made
                db.session.execute(table.delete())
        db.session.commit()
        db.session.remove()


@pytest.fixture
def settings(app: Flask) -> Settings:
    return app.config["SETTINGS"]


@pytest.fixture
def token(app: Flask) -> str:
    """An API token of the first account."""
    return tokens.create(accounts.account_named("admin"), "tests")


@pytest.fixture
def api(app: Flask, token: str) -> FlaskClient:
    """A client that sends the token with every request."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


@pytest.fixture
def stream_job() -> dict[str, Any]:
    """The smallest job that runs everywhere: one row, printed."""
    return stream(1)


def stream(rows: int, **writer: Any) -> dict[str, Any]:
    reader = {"column": [{"type": "string", "value": "hello"}, {"type": "long", "value": 7}], "sliceRecordCount": rows}
    content = {
        "reader": {"name": "streamreader", "parameter": reader},
        "writer": {"name": "streamwriter", "parameter": {"print": True, **writer}},
    }
    return {"job": {"setting": {"speed": {"channel": 1}, "errorLimit": {"record": 0}}, "content": [content]}}

"""A NUL character in an address: PostgreSQL takes it nowhere, so nothing can be called so."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.databases import Database
from tests.webapp.visitor import Visitor
from webapp.cli import setup
from webapp.extensions import db

CURSOR = urlsafe_b64encode(b"2026-01-01T00:00:00+00:00 a\x00b").decode().rstrip("=")


@pytest.fixture
def on_postgres(make_app: Callable[..., Flask], pg: Database) -> Iterator[Visitor]:
    app = make_app(DATABASE_URL=pg.sqlalchemy_url)
    with app.app_context():
        setup(app.config["SETTINGS"])
        visitor = Visitor(app)
        visitor.log_in()
        yield visitor
        db.session.remove()
        db.engine.dispose()


def test_what_cannot_be_called_so_is_not_there_and_cannot_be_asked_for(on_postgres: Visitor) -> None:
    tasks = [f"/{part}/a%00b" for part in ("tasks", "api/tasks")]
    missing = [
        *tasks,
        *(f"{tasks[0]}/{part}" for part in ("live", "log.txt")),
        *(f"{tasks[1]}/{part}" for part in ("result", "log")),
    ]
    refused = [f"{path}?{query}" for path in ("/tasks", "/api/tasks") for query in ("name=a%00b", f"cursor={CURSOR}")]
    answers = {path: on_postgres.get(path).status_code for path in [*missing, *refused]}
    assert answers == {**dict.fromkeys(missing, 404), **dict.fromkeys(refused, 422)}
    for path in (f"{tasks[0]}/cancel", f"{tasks[0]}/rerun"):
        assert on_postgres.post(path).status_code == 404

"""What callers are told while the database cannot be reached."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from tests.conftest import stream
from tests.webapp.visitor import Visitor


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, ConnectionRefusedError("secret-host"))

    monkeypatch.setattr(Engine, "connect", refuse)
    monkeypatch.setattr(Engine, "raw_connection", refuse)


@pytest.mark.parametrize("path", ["/api/tasks", "/api/tasks/some-id", "/api/tasks/some-id/result"])
def test_a_program_is_told_to_try_again(api: FlaskClient, away: None, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
    assert answer.mimetype == "application/problem+json" and "try again" in answer.json["detail"]
    assert "secret-host" not in answer.text


def test_a_submit_that_stored_nothing_says_so(api: FlaskClient, away: None) -> None:
    answer = api.post("/api/tasks", json={"job": stream(1)})
    assert answer.status_code == 503 and "Nothing was stored" in answer.json["detail"]


def test_a_person_sees_a_page_that_says_so(visitor: Visitor, away: None) -> None:
    answer = visitor.client.get("/")
    assert answer.status_code == 503 and "cannot be reached" in answer.text and "Traceback" not in answer.text

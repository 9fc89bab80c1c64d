"""What callers are told while the database cannot be reached, and when it counts as that."""

import os
import socket
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from tests.conftest import stream
from tests.webapp.visitor import Visitor
from webapp.extensions import db, patience


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


@pytest.mark.parametrize("server", ["postgres", "mariadb"])
def test_a_server_that_has_fallen_silent_is_given_up_within_half_a_minute(
    server: str, migrated_servers: dict[str, Flask]
) -> None:
    """What the system makes of it was seen over a line that takes every packet away: 30 s, whether a query was under way or not."""
    with migrated_servers[server].app_context(), db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        handle = driver.fileno() if server == "postgres" else driver._sock.fileno()
        with socket.socket(fileno=os.dup(handle)) as connected:
            assert connected.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            names = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
            asked = [connected.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in names]
    assert asked == [15, 5, 3, 30_000]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql+psycopg://h/d?connect_timeout=9&tcp_user_timeout=1", {"keepalives_idle", "keepalives_interval", "keepalives_count"}),
        ("mysql+pymysql://h/d?connect_timeout=9", set()),
        ("mysql+pymysql://h/d", {"connect_timeout"}),
    ],
)  # fmt: skip
def test_what_the_address_of_the_database_says_of_waiting_stays(url: str, expected: set[str]) -> None:
    assert set(patience(make_url(url))) == expected

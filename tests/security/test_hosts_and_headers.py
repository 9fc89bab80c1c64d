"""Names, proxies and headers: what a request claims about itself is believed only as far as it was said to be."""

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests.webapp.visitor import Visitor
from webapp import hosts
from webapp.accounts.models import LoginSession
from webapp.config import SettingError, load
from webapp.extensions import db


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "10.0.0.1"])
@pytest.mark.parametrize("path", ["/", "/login", "/api/tasks", "/api/docs", "/static/css/page.css"])
def test_a_server_of_this_machine_answers_to_no_other_name(stranger: Visitor, host: str, path: str) -> None:
    answer = stranger.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "does not answer to that host name" in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:1"])
def test_it_answers_to_its_own_names(stranger: Visitor, host: str) -> None:
    assert stranger.get("/login", headers={"Host": host}).status_code == 200


def test_probes_may_call_by_address(stranger: Visitor) -> None:
    assert stranger.get("/healthz", headers={"Host": "10.1.2.3:8000"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [("datax.example.com", 200), ("a.internal:444", 200), ("internal", 400), ("evilinternal", 400), ("localhost", 400)],
)
def test_the_names_may_be_set(make_app: Callable[..., Flask], host: str, status: int) -> None:
    app = make_app(HOST="0.0.0.0", TRUSTED_HOSTS="datax.example.com, .internal")
    assert Visitor(app).get("/login", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("value", ["http://x", "a b", "x:80", "*", ",", "x/y"])
def test_what_is_no_host_name_is_no_setting(value: str) -> None:
    with pytest.raises(SettingError, match="TRUSTED_HOSTS"):
        load({"TRUSTED_HOSTS": value})


@pytest.mark.parametrize("host", ["", "a b", "a/b", "a@b", "[::1", "a:b", "a\r\nb", "x" * 254, "a:999999"])
def test_what_is_no_host_has_no_name(host: str) -> None:
    assert hosts.name_in(host) is None


def test_nobody_is_believed_about_an_address_who_is_no_trusted_proxy(app: Flask) -> None:
    claims = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    answer = Visitor(app).post("/login", {"username": "admin", "password": "first-password"}, headers=claims)
    assert db.session.scalars(select(LoginSession.address)).one() == "127.0.0.1"
    assert "Strict-Transport-Security" not in answer.headers and "Secure" not in answer.headers["Set-Cookie"]


def test_a_trusted_proxy_says_who_called_and_how(make_app: Callable[..., Flask]) -> None:
    app = make_app(TRUSTED_PROXIES="1", TRUSTED_HOSTS="datax.example.com")
    claims = {
        "X-Forwarded-For": "198.51.100.1, 203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "datax.example.com",
        "Referer": "https://datax.example.com/login",
    }
    with app.app_context():
        visitor = Visitor(app)
        for name, value in claims.items():
            visitor.client.environ_base[f"HTTP_{name.upper().replace('-', '_')}"] = value
        answer = visitor.log_in()
        assert answer.status_code == 302
        # Only the last address was written by the proxy; what stands before it, anybody may have.
        assert db.session.scalars(select(LoginSession.address)).one() == "203.0.113.9"
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
        assert "Secure" in answer.headers["Set-Cookie"]
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("path", ["/login", "/api/tasks", "/nowhere", "/static/css/page.css", "/login?token=x"])
def test_every_answer_keeps_other_sites_out(stranger: Visitor, path: str) -> None:
    headers = stranger.get(path).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "value", ["a\r\nSet-Cookie: stolen=1", "a\nX-Evil: 1", "%0d%0aX-Evil:%201", "a\r\n\r\n<script>"]
)
def test_no_header_is_made_from_what_somebody_sent(stranger: Visitor, value: str) -> None:
    for answer in (
        stranger.get("/", query_string={"q": value}),
        stranger.get(f"/tasks/{value}/log.txt"),
        stranger.log_in(next=f"/{value}"),
        stranger.post("/language", {"language": value, "next": f"/{value}"}),
        stranger.post("/theme", {"theme": value, "next": f"/{value}"}),
    ):
        assert "stolen" not in str(answer.headers.getlist("Set-Cookie")) and "X-Evil" not in answer.headers
        assert not any("\n" in held or "\r" in held for held in answer.headers.values())


TARGETS = (
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "\t//evil.example",
    "//evil.example%2f..",
    "http://localhost@evil.example/",
    "/..//evil.example",
    "evil.example",
    "",
)


@pytest.mark.parametrize("target", TARGETS)
def test_no_redirect_leaves_this_server(app: Flask, target: str) -> None:
    leading = {
        "/login": {"username": "admin", "password": "first-password"},
        "/language": {"language": "zh"},
        "/theme": {"theme": "dark"},
    }
    for path, fields in leading.items():
        location = Visitor(app).post(path, {**fields, "next": target}).location
        assert location.startswith("/") and location[1:2] not in {"/", "\\", "\t"}


def test_a_fault_shows_no_trace(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    secret = "the-password-in-the-trace"

    def broken() -> str:
        raise RuntimeError(secret)

    broken.access = "public"  # type: ignore[attr-defined]
    paths = ("/broken", "/api/broken")
    for path in paths:
        app.add_url_rule(path, path.replace("/", "_"), broken)
    for path in paths:
        with caplog.at_level(logging.ERROR):
            answer = Visitor(app).get(path)
        assert answer.status_code == 500
        assert secret not in answer.text and "Traceback" not in answer.text and "RuntimeError" not in answer.text
    assert secret in caplog.text


def test_an_address_cannot_write_lines_into_the_log(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def broken(name: str) -> str:
        raise RuntimeError

    broken.access = "public"  # type: ignore[attr-defined]
    app.add_url_rule("/broken/<name>", "broken", broken)
    Visitor(app).get("/broken/a%0aERROR forged")
    assert "\nERROR forged" not in caplog.text and "ERROR forged" in caplog.text


@pytest.mark.parametrize("path", ["/login", "/language", "/theme"])
def test_a_stranger_sends_little(stranger: Visitor, path: str) -> None:
    token = stranger.token()
    answer = stranger.send("POST", path, data={"csrf_token": token, "username": "x" * 70_000})
    assert answer.status_code == 413


def test_what_a_stranger_sends_elsewhere_is_not_read(stranger: Visitor) -> None:
    class Unread:
        def read(self, size: int = -1) -> bytes:
            raise AssertionError("read")

    environ = {"wsgi.input": Unread(), "CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": "999999"}
    for path, status in (("/tasks/new", 302), ("/api/tasks", 401)):
        assert stranger.send("POST", path, environ_overrides=environ).status_code == status

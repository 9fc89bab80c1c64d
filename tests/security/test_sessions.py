"""A session lives on the server, begins anew at every log-in, and can be ended at any time."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.security.test_roles_and_routes import signed_in
from tests.webapp.visitor import Visitor
from webapp import clock
from webapp.accounts import service, sessions
from webapp.accounts.guard import SESSION_KEY
from webapp.accounts.models import Account, LoginSession
from webapp.accounts.roles import Role
from webapp.extensions import db


def test_a_session_planted_before_the_log_in_is_not_the_one_after_it(app: Flask, stranger: Visitor) -> None:
    with stranger.client.session_transaction() as cookie:
        cookie[SESSION_KEY] = "planted-by-somebody-else"
    stranger.log_in()
    with stranger.client.session_transaction() as cookie:
        assert cookie[SESSION_KEY] != "planted-by-somebody-else"
    assert len(rows()) == 1


def test_a_second_log_in_ends_the_session_before_it(stranger: Visitor) -> None:
    stranger.log_in()
    first = db.session.scalars(select(LoginSession.digest)).all()
    stranger.log_in()
    second = db.session.scalars(select(LoginSession.digest)).all()
    assert len(second) == 1 and second != first


def test_the_token_against_cross_site_forms_changes_at_the_log_in(stranger: Visitor) -> None:
    with stranger.client.session_transaction() as cookie:
        cookie["csrf_token"] = "known-to-the-attacker"
    stranger.log_in()
    with stranger.client.session_transaction() as cookie:
        assert cookie.get("csrf_token") != "known-to-the-attacker"


def test_a_cookie_copied_before_the_log_out_opens_nothing_after_it(app: Flask, stranger: Visitor) -> None:
    stranger.log_in()
    thief = Visitor(app)
    with stranger.client.session_transaction() as cookie, thief.client.session_transaction() as copied:
        copied.update(cookie)
    assert thief.get("/").status_code == 200
    stranger.post("/logout")
    assert thief.get("/").status_code == 302


def test_the_database_holds_no_secret_of_a_session(app: Flask, people: dict[Role, Account]) -> None:
    secret = sessions.open_for(people[Role.VIEWER], app.config["SETTINGS"])
    assert secret not in str([vars(row) for row in rows()])


@pytest.mark.parametrize(("column", "limit"), [("seen_at", "idle_limit"), ("created_at", "absolute_limit")])
def test_a_session_ends_by_itself(app: Flask, people: dict[Role, Account], column: str, limit: str) -> None:
    person = signed_in(app, people[Role.VIEWER])
    assert person.get("/").status_code == 200
    over = clock.now() - getattr(app.config["SETTINGS"], limit) - timedelta(seconds=1)
    db.session.execute(update(LoginSession).values({column: over}))
    db.session.commit()
    assert person.get("/").status_code == 302
    assert person.get("/api/tasks").status_code == 401


def test_a_session_in_use_does_not_fall_asleep(app: Flask, people: dict[Role, Account]) -> None:
    person = signed_in(app, people[Role.VIEWER])
    before = clock.now() - app.config["SETTINGS"].idle_limit / 2
    db.session.execute(update(LoginSession).values(seen_at=before))
    db.session.commit()
    person.get("/")
    db.session.expire_all()
    assert clock.now() - rows()[0].seen_at < timedelta(minutes=1)


def test_another_password_ends_the_sessions(app: Flask, people: dict[Role, Account]) -> None:
    person = signed_in(app, people[Role.VIEWER])
    service.set_password(people[Role.VIEWER], "another-password")
    assert person.get("/").status_code == 302


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(stranger: Visitor) -> None:
    cookie = stranger.log_in().headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie


def test_behind_tls_the_cookie_never_leaves_in_the_clear(stranger: Visitor) -> None:
    page = stranger.get("/login", base_url="https://localhost")
    assert "Secure" in page.headers["Set-Cookie"]


def rows() -> list[LoginSession]:
    return list(db.session.scalars(select(LoginSession)))

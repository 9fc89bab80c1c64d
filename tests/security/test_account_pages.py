"""What people change of their own account, and admins of all accounts."""

import re

import pytest
from flask import Flask

from tests.security.conftest import PASSWORD
from tests.security.test_roles_and_routes import bearing, signed_in
from tests.webapp.visitor import Visitor, one, seen
from webapp import clock
from webapp.accounts import service, sessions, tokens
from webapp.accounts.models import Account
from webapp.accounts.roles import ALL_SCOPES, Role, Scope
from webapp.extensions import db

NEW = "another-password"


@pytest.fixture
def vera(app: Flask, people: dict[Role, Account]) -> Visitor:
    return signed_in(app, people[Role.VIEWER])


@pytest.fixture
def admin(app: Flask, people: dict[Role, Account]) -> Visitor:
    return signed_in(app, people[Role.ADMIN])


def enter(app: Flask, username: str, password: str) -> int:
    return Visitor(app).post("/login", {"username": username, "password": password}).status_code


def test_another_password_ends_all_sessions_but_the_one_that_chose_it(
    app: Flask, people: dict[Role, Account], vera: Visitor
) -> None:
    other = signed_in(app, people[Role.VIEWER])
    answer = vera.post("/account/password", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert answer.status_code == 302
    assert "The password is changed" in vera.get("/account").text
    assert other.get("/account").status_code == 302
    assert enter(app, "vera", PASSWORD) == 401
    assert enter(app, "vera", NEW) == 302


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"old": "wrong", "new": NEW, "again": NEW}, 403, "The present password is wrong."),
        ({"old": PASSWORD, "new": NEW, "again": "else"}, 422, "differ"),
        ({"old": PASSWORD, "new": "short", "again": "short"}, 422, "8 to 1024 characters"),
        ({"old": PASSWORD, "new": "x" * 1025, "again": "x" * 1025}, 422, "8 to 1024 characters"),
    ],
)
def test_a_password_that_may_not_be_is_refused(
    app: Flask, vera: Visitor, fields: dict[str, str], status: int, said: str
) -> None:
    answer = vera.post("/account/password", fields)
    assert answer.status_code == status and said in answer.text
    assert enter(app, "vera", PASSWORD) == 302


def test_a_stolen_session_cannot_guess_the_password_for_ever(vera: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    fields = {"old": "wrong", "new": NEW, "again": NEW}
    statuses = [vera.post("/account/password", fields).status_code for _ in range(7)]
    assert statuses == [403] * 6 + [429]


def test_everybody_sees_and_ends_their_own_sessions(app: Flask, people: dict[Role, Account], vera: Visitor) -> None:
    phone = signed_in(app, people[Role.VIEWER])
    ending = one(r'action="(/account/sessions/\d+/end)"', vera.get("/account").text)
    assert vera.post(ending).status_code == 302
    assert phone.get("/account").status_code == 302 and vera.get("/account").status_code == 200


def test_all_other_sessions_end_at_once(app: Flask, people: dict[Role, Account], vera: Visitor) -> None:
    others = [signed_in(app, people[Role.VIEWER]) for _ in range(3)]
    vera.post("/account/sessions/end-others")
    assert [other.get("/").status_code for other in others] == [302] * 3
    assert vera.get("/").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(app: Flask, people: dict[Role, Account], vera: Visitor) -> None:
    secret = sessions.open_for(people[Role.ADMIN], app.config["SETTINGS"])
    caller = sessions.caller(secret, app.config["SETTINGS"])
    assert caller is not None
    assert vera.post(f"/account/sessions/{caller.session_id}/end").status_code == 404
    assert sessions.caller(secret, app.config["SETTINGS"]) is not None


def test_a_token_made_in_the_page_is_shown_once_and_works(app: Flask, vera: Visitor) -> None:
    answer = vera.post("/account/tokens", {"name": "poller", "scope": "read", "expires": "30d"})
    token = one(r"<code>(dxc_[\w-]{43})</code>", answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert token not in vera.get("/account").text
    bearer = {"Authorization": f"Bearer {token}"}
    assert Visitor(app).get("/api/tasks", headers=bearer).status_code == 200
    assert Visitor(app).post("/api/tasks", headers=bearer).status_code == 403
    revoking = one(r'action="(/account/tokens/\d+/revoke)"', vera.get("/account").text)
    vera.post(revoking)
    assert Visitor(app).get("/api/tasks", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "scope": "read"},
        {"name": "x" * 81, "scope": "read"},
        {"name": "a\nb", "scope": "read"},
        {"name": "x"},
        {"name": "x", "scope": "everything"},
        {"name": "x", "scope": "read", "expires": "yesterday"},
    ],
)
def test_a_token_without_name_scope_or_end_is_refused(vera: Visitor, fields: dict[str, str]) -> None:
    assert vera.post("/account/tokens", fields).status_code == 422


def test_a_program_makes_lists_and_revokes_tokens(app: Flask, people: dict[Role, Account]) -> None:
    program = bearing(app, people[Role.OPERATOR], ALL_SCOPES)
    made = program.send("POST", "/api/tokens", json={"name": "poller", "scopes": ["read"]})
    assert made.status_code == 201 and made.headers["Cache-Control"] == "no-store"
    listed = program.get("/api/tokens").json["items"]
    assert [token["name"] for token in listed] == ["poller", "tests"]
    assert made.json["token"] not in str(listed) and made.json["token"].startswith(listed[0]["prefix"])
    assert program.send("DELETE", f"/api/tokens/{listed[0]['id']}").status_code == 204
    poller = {"Authorization": f"Bearer {made.json['token']}"}
    assert Visitor(app).get("/api/tasks", headers=poller).status_code == 401


def test_a_token_gives_no_more_than_it_has(app: Flask, people: dict[Role, Account]) -> None:
    manager = bearing(app, people[Role.ADMIN], frozenset({Scope.MANAGE}))
    answer = manager.send("POST", "/api/tokens", json={"name": "more", "scopes": ["submit"]})
    assert answer.status_code == 403
    assert len(tokens.of(people[Role.ADMIN].id)) == 1


def test_an_admin_makes_an_account_whose_password_is_shown_once(app: Flask, admin: Visitor) -> None:
    answer = admin.post("/accounts", {"username": "nora", "role": "operator"})
    password = one(r'class="callout once".*?<code>([^<]+)</code>', answer.text)
    assert answer.status_code == 201 and password not in admin.get("/accounts").text
    assert enter(app, "nora", password) == 302


def test_a_new_password_from_an_admin_ends_the_sessions(
    app: Flask, people: dict[Role, Account], admin: Visitor, vera: Visitor
) -> None:
    answer = admin.post(f"/accounts/{people[Role.VIEWER].id}/password")
    password = one(r'class="callout once".*?<code>([^<]+)</code>', answer.text)
    assert vera.get("/").status_code == 302
    assert enter(app, "vera", password) == 302 and enter(app, "vera", PASSWORD) == 401


def test_an_admin_changes_a_role_and_it_counts_at_once(
    app: Flask, people: dict[Role, Account], admin: Visitor, vera: Visitor
) -> None:
    assert vera.get("/tasks/new").status_code == 403
    admin.post(f"/accounts/{people[Role.VIEWER].id}/role", {"role": "operator"})
    assert vera.get("/tasks/new").status_code == 200


def test_an_admin_closes_an_account_and_opens_it_again(
    app: Flask, people: dict[Role, Account], admin: Visitor, vera: Visitor
) -> None:
    program = bearing(app, people[Role.VIEWER], ALL_SCOPES)
    admin.post(f"/accounts/{people[Role.VIEWER].id}/disable")
    assert vera.get("/").status_code == 302 and enter(app, "vera", PASSWORD) == 401
    assert program.get("/api/tasks").status_code == 401
    admin.post(f"/accounts/{people[Role.VIEWER].id}/enable")
    assert enter(app, "vera", PASSWORD) == 302


@pytest.mark.parametrize(("act", "fields"), [("disable", {}), ("role", {"role": "viewer"})])
def test_the_last_admin_stays(
    app: Flask, people: dict[Role, Account], admin: Visitor, act: str, fields: dict[str, str]
) -> None:
    path = f"/accounts/{people[Role.ADMIN].id}/{act}"
    assert admin.post(path, fields).status_code == 409
    service.create("second", Role.ADMIN, PASSWORD)
    assert admin.post(path, fields).status_code == 302


@pytest.mark.parametrize("username", ["", " ", "x" * 81, "a\nb", "a\x00b", "admin", " admin "])
def test_a_name_that_cannot_be_or_is_taken_is_refused(admin: Visitor, username: str) -> None:
    before = len(service.everybody())
    assert admin.post("/accounts", {"username": username, "role": "viewer"}).status_code in {409, 422}
    db.session.expire_all()
    assert len(service.everybody()) == before


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "-1", "one"])
def test_a_number_that_no_row_has_is_not_found(admin: Visitor, number: str) -> None:
    for path in (f"/accounts/{number}/disable", f"/account/tokens/{number}/revoke", f"/account/sessions/{number}/end"):
        assert admin.post(path).status_code == 404


@pytest.mark.parametrize("path", ["/account", "/accounts"])
def test_no_english_is_left_in_the_chinese_pages(app: Flask, people: dict[Role, Account], path: str) -> None:
    visitor = signed_in(app, people[Role.ADMIN])
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    main = seen(visitor.get(path).text.partition("<main")[2])
    assert set(re.findall(r"\b[A-Z][a-z]{3,} [a-z]{3,}\b", main)) == set()
    assert "账户" in main

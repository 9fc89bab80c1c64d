"""Signing in with an OpenID provider, a real one on this machine, and every way to cheat at it."""

import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from flask import Flask
from joserfc.jwk import RSAKey

from tests.security.provider import CLIENT, SECRET, Provider, serving
from tests.webapp.visitor import PASSWORD, Visitor
from webapp.accounts import oidc, service
from webapp.accounts.roles import Role
from webapp.config import SettingError, load
from webapp.extensions import db


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving() as provider:
        provider.claims["groups"] = ["etl"]
        yield provider


@pytest.fixture
def app(make_app: Callable[..., Flask], provider: Provider) -> Iterator[Flask]:
    app = make_app(
        OIDC_ISSUER=provider.issuer,
        OIDC_CLIENT_ID=CLIENT,
        OIDC_CLIENT_SECRET=SECRET,
        OIDC_ROLES="etl=operator,chiefs=admin",
    )
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **options: Any) -> None:
        return None


def sent_back(visitor: Visitor) -> str:
    """Where the provider sends the browser of somebody who begins here."""
    there = visitor.get("/login/oidc").location
    try:
        urllib.request.build_opener(Stay).open(there)
    except HTTPError as redirected:
        back = urlsplit(redirected.headers["Location"])
        return f"{back.path}?{back.query}"
    raise AssertionError("the provider sent nobody back")


def sign_in(visitor: Visitor) -> int:
    return visitor.get(sent_back(visitor)).status_code


def test_somebody_new_gets_an_account_with_the_role_of_their_group(app: Flask) -> None:
    visitor = Visitor(app)
    assert "/login/oidc" in visitor.get("/login").text
    assert sign_in(visitor) == 302
    assert visitor.get("/").status_code == 200
    assert service.account_named("olga").role == Role.OPERATOR


def test_the_role_follows_the_groups_at_each_sign_in(app: Flask, provider: Provider) -> None:
    sign_in(Visitor(app))
    provider.claims["groups"] = ["etl", "chiefs"]
    sign_in(Visitor(app))
    db.session.expire_all()
    assert service.account_named("olga").role == Role.ADMIN
    assert len(service.everybody()) == 2


@pytest.mark.parametrize("groups", [[], ["others"], "chief", None, {"etl": 1}, 7])
def test_who_has_no_group_that_counts_stays_outside(app: Flask, provider: Provider, groups: object) -> None:
    provider.claims["groups"] = groups
    visitor = Visitor(app)
    assert sign_in(visitor) == 403
    assert visitor.get("/").status_code == 302 and len(service.everybody()) == 1


def test_nobody_becomes_somebody_who_has_the_same_name(app: Flask, provider: Provider) -> None:
    provider.claims["preferred_username"] = "admin"
    assert sign_in(Visitor(app)) == 302
    assert service.account_named("admin").subject is None
    assert {account.role for account in service.everybody() if account.subject} == {Role.OPERATOR}


def test_another_person_of_the_provider_is_another_account(app: Flask, provider: Provider) -> None:
    sign_in(Visitor(app))
    provider.claims["sub"] = "person-2"
    sign_in(Visitor(app))
    assert len({account.id for account in service.everybody() if account.subject}) == 2


def test_a_closed_account_stays_closed(app: Flask) -> None:
    sign_in(Visitor(app))
    service.disable(service.account_named("olga"))
    assert sign_in(Visitor(app)) == 403


def test_the_account_has_no_password(app: Flask) -> None:
    sign_in(Visitor(app))
    assert service.log_in("olga", "") is None
    assert Visitor(app).log_in(PASSWORD).status_code == 302


def test_the_answer_for_one_browser_signs_no_other_in(app: Flask) -> None:
    """An attacker who lures somebody to their own answer would have them work in the attacker's account."""
    answer = sent_back(Visitor(app))
    victim = Visitor(app)
    victim.get("/login/oidc")
    assert victim.get(answer).status_code == 401
    assert victim.get("/").status_code == 302


def test_an_answer_counts_once(app: Flask) -> None:
    visitor = Visitor(app)
    answer = sent_back(visitor)
    assert visitor.get(answer).status_code == 302
    assert visitor.get(answer).status_code == 401


@pytest.mark.parametrize(
    "spoil",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"exp": int(time.time()) - 3600},
        {"nonce": "of-another-sign-in"},
        {"sub": None},
    ],
    ids=lambda spoil: next(iter(spoil)),
)
def test_what_the_provider_did_not_sign_for_us_and_now_is_refused(
    app: Flask, provider: Provider, spoil: dict[str, Any]
) -> None:
    provider.spoil = spoil
    assert sign_in(Visitor(app)) == 401
    assert len(service.everybody()) == 1


def test_what_somebody_else_signed_is_refused(app: Flask, provider: Provider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "first"})
    assert sign_in(Visitor(app)) == 401


@pytest.mark.parametrize("query", ["", "code=x", "state=x", "code=x&state=y", "error=access_denied&state=x"])
def test_an_answer_that_nobody_asked_for_is_refused(app: Flask, query: str) -> None:
    assert Visitor(app).get(f"/login/oidc/callback?{query}").status_code == 401


def test_a_session_known_before_is_not_the_one_after(app: Flask) -> None:
    visitor = Visitor(app)
    with visitor.client.session_transaction() as cookie:
        cookie["session"] = "planted"
    sign_in(visitor)
    with visitor.client.session_transaction() as cookie:
        assert cookie["session"] != "planted"


def test_without_the_setting_there_is_no_such_route(make_app: Callable[..., Flask]) -> None:
    stranger = Visitor(make_app())
    assert stranger.get("/login/oidc").status_code == 404 and "/login/oidc" not in stranger.get("/login").text


@pytest.mark.parametrize(
    "settings",
    [
        {"OIDC_ISSUER": "http://id.example.com"},
        {"OIDC_ISSUER": "http://localhost.example.com"},
        {"OIDC_ROLES": "etl"},
        {"OIDC_ROLES": "etl=root"},
        {"OIDC_ISSUER": "https://id.example.com", "OIDC_CLIENT_ID": "x"},
    ],
)
def test_a_setting_that_cannot_be_is_told(make_app: Callable[..., Flask], settings: dict[str, str]) -> None:
    with pytest.raises(SettingError, match="OIDC"):
        make_app(**settings)


def test_the_highest_role_of_the_groups_counts() -> None:
    settings = load({"OIDC_ROLES": "a=viewer,b=admin,c=operator"})
    assert oidc.role_of({"groups": ["a", "b", "c"]}, settings) == Role.ADMIN
    assert oidc.role_of({"groups": "c"}, settings) == Role.OPERATOR
    assert oidc.role_of({}, load({"OIDC_ROLES": "*=viewer"})) == Role.VIEWER

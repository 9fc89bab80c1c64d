"""Guessing passwords: slower with every wrong one, and no answer tells which names exist."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import update

from tests.webapp.visitor import PASSWORD, Visitor
from webapp import clock
from webapp.accounts import lockout, passwords, service
from webapp.accounts.models import Account, LoginAttempts
from webapp.accounts.roles import Role
from webapp.errors import TooManyRequests
from webapp.extensions import db


@pytest.fixture(autouse=True)
def asked(app: Flask) -> Iterator[None]:
    """Whoever is refused is told so in the language of their request."""
    with app.test_request_context():
        yield


@pytest.fixture(autouse=True)
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that passwords are compared with. Comparing takes no time here: how often it happens is what counts."""
    compared: list[str] = []

    class Hasher:
        def verify(self, password_hash: str, password: str) -> None:
            compared.append(password_hash)
            if password != PASSWORD or password_hash == passwords._NOBODY:
                raise passwords.VerifyMismatchError

        hash = staticmethod(passwords._hasher.hash)

    monkeypatch.setattr(passwords, "_hasher", Hasher())
    return compared


def wrong(username: str = "admin", times: int = 1, address: str = "192.0.2.1") -> None:
    for _ in range(times):
        assert service.log_in(username, "wrong", address) is None


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait of a second must not be over before a slow machine has looked at it."""
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)


def let_the_wait_pass() -> None:
    locked = LoginAttempts.locked_until.is_not(None)
    db.session.execute(update(LoginAttempts).where(locked).values(locked_until=clock.now() - timedelta(seconds=1)))
    db.session.commit()


@pytest.mark.parametrize(
    ("failures", "delay"), [(1, None), (5, None), (6, 1), (7, 2), (8, 4), (14, 256), (15, 300), (10**6, 300)]
)
def test_each_further_wrong_password_costs_twice_as_much(failures: int, delay: int | None) -> None:
    assert lockout.ACCOUNT.delay(failures) == (None if delay is None else timedelta(seconds=delay))


@pytest.mark.parametrize("username", ["admin", "nobody-of-that-name", "a\x00b"])
def test_a_name_is_locked_whether_or_not_it_exists(username: str, looked_at: list[str]) -> None:
    wrong(username, times=lockout.ACCOUNT.free + 1)
    with pytest.raises(TooManyRequests) as refusal:
        service.log_in(username, "wrong", "192.0.2.1")
    assert refusal.value.headers == {"Retry-After": "1"}
    assert len(looked_at) == lockout.ACCOUNT.free + 1


def test_while_it_is_locked_even_the_right_password_is_not_looked_at(looked_at: list[str]) -> None:
    wrong(times=lockout.ACCOUNT.free + 1)
    looked_at.clear()
    with pytest.raises(TooManyRequests):
        service.log_in("admin", PASSWORD, "192.0.2.1")
    assert looked_at == []


def test_after_the_wait_the_right_password_opens_and_the_count_begins_anew() -> None:
    wrong(times=lockout.ACCOUNT.free + 1)
    let_the_wait_pass()
    assert service.log_in("admin", PASSWORD, "192.0.2.1") is not None
    wrong(times=lockout.ACCOUNT.free)
    assert service.log_in("admin", PASSWORD, "192.0.2.1") is not None


def test_an_address_that_tries_many_names_is_locked_and_another_is_not() -> None:
    for number in range(lockout.ADDRESS.free + 1):
        wrong(f"name-{number}")
    with pytest.raises(TooManyRequests):
        service.log_in("admin", PASSWORD, "192.0.2.1")
    assert service.log_in("admin", PASSWORD, "192.0.2.2") is not None


def test_somebody_with_an_account_gets_no_free_tries_by_logging_in_between() -> None:
    for number in range(lockout.ADDRESS.free):
        wrong(f"name-{number}")
        assert service.log_in("admin", PASSWORD, "192.0.2.1") is not None
    wrong("one-more")
    with pytest.raises(TooManyRequests):
        service.log_in("admin", PASSWORD, "192.0.2.1")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_all_addresses_of_one_customer_count_as_one(address: str, network: str) -> None:
    assert lockout.network_of(address) == network


def test_a_try_counts_before_the_password_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred requests at once must not all be looked at as the first one."""
    seen: list[int] = []

    def matches(password_hash: str | None, password: str) -> bool:
        seen.append(db.session.get_one(LoginAttempts, lockout._keys("admin", "")[0][0]).failures)
        return False

    monkeypatch.setattr(passwords, "matches", matches)
    wrong(times=3)
    assert seen == [1, 2, 3]


def test_the_password_is_compared_once_whoever_is_asked_for(looked_at: list[str]) -> None:
    service.create("closed", Role.VIEWER, PASSWORD)
    service.disable(service.account_named("closed"))
    service.create("elsewhere", Role.VIEWER, subject="https://id.example subject")
    answers = {name: service.log_in(name, "wrong", "") for name in ("admin", "nobody", "closed", "elsewhere")}
    assert set(answers.values()) == {None}
    assert len(looked_at) == 4
    # argon2 takes as long for each of these hashes: they have the same costs.
    assert len({digest.split("$")[3] for digest in looked_at}) == 1


def test_who_is_known_elsewhere_or_closed_has_no_password_that_opens() -> None:
    service.create("elsewhere", Role.VIEWER, subject="https://id.example subject")
    assert service.log_in("elsewhere", "", "") is None
    service.create("closed", Role.VIEWER, PASSWORD)
    service.disable(service.account_named("closed"))
    assert service.log_in("closed", PASSWORD, "") is None


def test_the_pages_answer_is_the_same_for_every_name(app: Flask, people: dict[Role, Account]) -> None:
    pages = {}
    for name in ("vera", "nobody"):
        answer = Visitor(app).post("/login", {"username": name, "password": "wrong"})
        pages[name] = (answer.status_code, without_what_differs(answer.text, name))
    assert pages["vera"] == pages["nobody"]


def test_the_page_says_how_long_to_wait(app: Flask) -> None:
    visitor, chinese = Visitor(app), Visitor(app, "zh-CN")
    for _ in range(lockout.ACCOUNT.free + 1):
        visitor.log_in(password="wrong")
    answer = visitor.log_in(password="wrong")
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "1"
    assert "Try again in 1 s." in answer.text
    assert "秒后重试" in chinese.log_in(password="wrong").text


def test_a_very_long_password_costs_no_more_than_a_short_one(looked_at: list[str], monkeypatch: Any) -> None:
    lengths: list[int] = []
    monkeypatch.setattr(passwords._hasher, "verify", lambda _, password: lengths.append(len(password)), raising=False)
    assert service.log_in("admin", "x" * 10**6, "") is None
    assert lengths == [passwords.LONGEST]


def without_what_differs(page: str, name: str) -> str:
    return re.sub(r'(csrf[-_]token" (?:content|value)=")[^"]+', r"\1", page).replace(f'value="{name}"', "value")


def test_a_name_that_is_nobody_s_costs_what_others_do() -> None:
    assert not PasswordHasher().check_needs_rehash(passwords._NOBODY)

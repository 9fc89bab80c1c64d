"""API tokens: shown once, kept as a hash, good for what they were made for, until they end."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from tests.webapp.visitor import Visitor
from webapp import clock
from webapp.accounts import expiry, service, tokens
from webapp.accounts.models import Account, ApiToken
from webapp.accounts.roles import ALL_SCOPES, Caller, Role, Scope
from webapp.errors import Forbidden, InvalidRequest, NotFound
from webapp.extensions import db
from webapp.projects.models import DEFAULT

READ = frozenset({Scope.READ})


@pytest.fixture(autouse=True)
def nothing_seen(app: Flask) -> None:
    tokens.forget()


@pytest.fixture
def admin(app: Flask) -> Account:
    return service.account_named("admin")


def call(app: Flask, token: str, path: str = "/api/tasks", scheme: str = "Bearer") -> int:
    return Visitor(app).get(path, headers={"Authorization": f"{scheme} {token}"}).status_code


@pytest.mark.parametrize("name", ["token", "access_token", "api_key", "Token", "AUTHORIZATION"])
@pytest.mark.parametrize("path", ["/api/tasks", "/", "/login", "/healthz", "/nowhere"])
def test_a_token_in_an_address_is_refused_wherever_it_is(app: Flask, admin: Account, path: str, name: str) -> None:
    answer = Visitor(app).get(f"{path}?{name}={tokens.create(admin, 'tests')}")
    assert answer.status_code == 400
    assert "never belongs into an address" in answer.text
    assert "dxc_" not in answer.text


def test_only_the_hash_of_a_token_is_stored(admin: Account) -> None:
    token = tokens.create(admin, "tests")
    row = db.session.scalars(select(ApiToken)).one()
    assert token not in str(vars(row))
    assert row.prefix == token[:8]


def test_little_is_shown_of_a_token_that_somebody_chose(admin: Account) -> None:
    tokens.create(admin, "chosen", "sixteen-letters!")
    assert db.session.scalars(select(ApiToken.prefix)).one() == "six"


def test_a_revoked_token_opens_nothing(app: Flask, admin: Account) -> None:
    token = tokens.create(admin, "tests")
    assert call(app, token) == 200
    tokens.revoke(tokens.of(admin.id)[0].id, admin.id)
    assert call(app, token) == 401


def test_a_token_that_was_seen_just_now_still_ends_on_time(
    app: Flask, admin: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tokens.create(admin, "tests", expires_at=clock.now() + timedelta(hours=1))
    assert call(app, token) == 200
    later = clock.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert call(app, token) == 401


def test_nobody_revokes_the_token_of_somebody_else(app: Flask, people: dict[Role, Account]) -> None:
    tokens.create(people[Role.ADMIN], "tests")
    number = tokens.of(people[Role.ADMIN].id)[0].id
    with pytest.raises(NotFound):
        tokens.revoke(number, people[Role.OPERATOR].id)


def test_a_token_makes_no_token_that_can_do_more_or_lives_longer(admin: Account) -> None:
    end = clock.now() + timedelta(days=1)
    manager = Caller(
        admin.id, "admin", Role.ADMIN, DEFAULT, frozenset({Scope.MANAGE, Scope.READ}), token_id=1, expires_at=end
    )
    with pytest.raises(Forbidden):
        tokens.create_by(manager, "more", ALL_SCOPES, None)
    tokens.create_by(manager, "longer", READ, None)
    tokens.create_by(manager, "longer still", READ, end + timedelta(days=1))
    assert {row.expires_at for row in tokens.of(admin.id)} == {end}


def test_the_last_use_is_written_once_a_minute(app: Flask, admin: Account) -> None:
    token = tokens.create(admin, "tests")
    call(app, token)
    first = used()
    tokens.forget()
    call(app, token)
    assert first is not None and used() == first
    earlier = clock.now() - tokens.USE_NOTED_EVERY - timedelta(seconds=1)
    db.session.execute(update(ApiToken).values(used_at=earlier))
    db.session.commit()
    tokens.forget()
    call(app, token)
    assert used() > earlier


def test_a_poll_reads_its_task_and_nothing_else(app: Flask, admin: Account) -> None:
    token = tokens.create(admin, "tests")
    call(app, token)
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    call(app, token, "/api/tasks/nothing/result")
    assert len(asked) == 1 and "FROM task " in asked[0].replace("\n", " ")


@pytest.mark.parametrize("token", ["", " ", "dxc_wrong", "\x00", "null", "0", "' OR 1=1 --", "é" * 100, "x" * 5000])
def test_what_is_no_token_opens_nothing(app: Flask, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}".encode().decode("latin-1")}
    assert Visitor(app).get("/api/tasks", headers=headers).status_code == 401


def test_a_token_is_taken_from_no_other_scheme(app: Flask, admin: Account) -> None:
    token = tokens.create(admin, "tests")
    assert call(app, token, scheme="Basic") == 401
    assert call(app, token, scheme="bearer") == 200


@pytest.mark.parametrize(("text", "span"), [("30m", 30 * 60), ("12h", 12 * 3600), ("90d", 90 * 86400)])
def test_a_span_counts_from_now(text: str, span: int, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    assert expiry.moment(text) == now + timedelta(seconds=span)


@pytest.mark.parametrize("text", ["0d", "2001-01-01", "soon", "9999-12-31x", "99999999d", "9999-99-99", "٣d", "-1d"])
def test_what_is_no_time_to_come_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        expiry.moment(text)


def test_the_command_makes_a_token_of_the_asked_scopes(app: Flask, admin: Account) -> None:
    made = app.test_cli_runner().invoke(args=["token", "create", "--scope", "read", "--expires", "90d"])
    assert call(app, made.output.strip()) == 200
    row = tokens.of(admin.id)[0]
    assert row.scopes == READ and row.expires_at is not None
    assert app.test_cli_runner().invoke(args=["token", "revoke", str(row.id)]).exit_code == 0
    tokens.forget()
    assert call(app, made.output.strip()) == 401


def test_the_commands_need_no_options(app: Flask, admin: Account) -> None:
    def flask(*words: str) -> str:
        done = app.test_cli_runner().invoke(args=words)
        assert done.exit_code == 0, done.output
        return done.output.strip()

    assert call(app, flask("token", "create", "--name", "my service")) == 200
    assert tokens.of(admin.id)[0].scopes == {Scope.READ, Scope.SUBMIT}
    assert "read submit" in flask("token", "list")
    password = flask("account", "create", "nora")
    assert service.account_named("nora").role == Role.OPERATOR
    assert service.log_in("nora", password) is not None
    assert service.log_in("nora", flask("account", "password", "nora")) is not None


def used():  # type: ignore[no-untyped-def]
    db.session.expire_all()
    return db.session.scalars(select(ApiToken.used_at)).one()

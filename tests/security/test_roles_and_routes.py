"""Who may call which route: every role and every scope against every route that there is."""

import pytest
from flask import Flask

from tests.conftest import stream
from tests.security.routes import Call, calls
from tests.webapp.visitor import Visitor
from webapp.accounts import service, sessions, tokens
from webapp.accounts.guard import PUBLIC, SESSION_KEY
from webapp.accounts.models import Account
from webapp.accounts.roles import ALL_SCOPES, Role, Rule, Scope
from webapp.tasks import service as tasks_service
from webapp.tasks.submission import Submission

# What changes something is not for viewers, but for what is their own, and for what leaves no trace.
FOR_VIEWERS = {"api.check"}


@pytest.fixture
def routes(app: Flask) -> list[Call]:
    return calls(app)


def guarded(routes: list[Call]) -> list[tuple[Call, Rule]]:
    return [(call, call.access) for call in routes if isinstance(call.access, Rule)]


def test_every_route_has_a_rule(routes: list[Call]) -> None:
    assert [str(call) for call in routes if call.access is None] == []
    assert len(guarded(routes)) > 15


def test_a_route_without_a_rule_is_closed_even_for_an_admin(app: Flask, people: dict[Role, Account]) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    assert signed_in(app, people[Role.ADMIN]).get("/forgotten").status_code == 401


def test_only_operators_and_admins_change_what_is_not_their_own(routes: list[Call]) -> None:
    lax = [
        str(call)
        for call, rule in guarded(routes)
        if call.method != "GET" and rule.role == Role.VIEWER and rule.scope == Scope.READ
    ]
    assert lax == [str(call) for call in routes if call.endpoint in FOR_VIEWERS]


def test_a_stranger_gets_nothing_from_a_guarded_route(app: Flask, routes: list[Call]) -> None:
    answers = {str(call): refused(send(Visitor(app), call).status_code, call) for call, _ in guarded(routes)}
    assert {call for call, closed in answers.items() if not closed} == set()


@pytest.mark.parametrize("role", Role)
def test_a_session_opens_what_its_role_may_and_nothing_else(
    app: Flask, routes: list[Call], people: dict[Role, Account], role: Role
) -> None:
    for call, rule in guarded(routes):
        status = send(signed_in(app, people[role]), call).status_code
        assert (status == 403) == (not role.covers(rule.role)), f"{role} at {call}: {status}"
        assert status != 401


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("role", Role)
def test_a_token_opens_what_both_its_role_and_its_scope_may(
    app: Flask, routes: list[Call], people: dict[Role, Account], role: Role, scope: Scope
) -> None:
    scopes = frozenset({scope})
    for call, rule in guarded(routes):
        if not call.is_api:
            continue
        status = send(bearing(app, people[role], scopes), call).status_code
        may = role.covers(rule.role) and rule.scope in scopes
        assert (status == 403) == (not may), f"{role} with {scope} at {call}: {status}"
        assert status != 401


def test_a_token_opens_no_page(app: Flask, routes: list[Call], people: dict[Role, Account]) -> None:
    for call, _ in guarded(routes):
        if not call.is_api:
            answer = send(bearing(app, people[Role.ADMIN], ALL_SCOPES), call)
            assert answer.status_code == 302 and answer.location.startswith("/login"), str(call)


def test_a_closed_account_opens_nothing(app: Flask, routes: list[Call], people: dict[Role, Account]) -> None:
    person, program = signed_in(app, people[Role.OPERATOR]), bearing(app, people[Role.OPERATOR], ALL_SCOPES)
    assert person.get("/").status_code == 200 and program.get("/api/tasks").status_code == 200
    service.disable(people[Role.OPERATOR])
    for call, _ in guarded(routes):
        assert refused(send(person, call).status_code, call), str(call)
        assert not call.is_api or send(program, call).status_code == 401, str(call)


def test_what_is_open_to_anybody_needs_no_more(app: Flask, routes: list[Call]) -> None:
    for call in routes:
        if call.access == PUBLIC:
            assert send(Visitor(app), call).status_code != 403, str(call)


def test_a_viewer_is_offered_nothing_that_would_be_refused(app: Flask, people: dict[Role, Account]) -> None:
    task = tasks_service.submit(Submission(job=stream(1)), None)
    pages = ("/", f"/tasks/{task.id}", "/account")
    offered = {role: "".join(signed_in(app, people[role]).get(page).text for page in pages) for role in Role}
    for act in ("/tasks/new", f"/tasks/{task.id}/cancel", "/accounts"):
        assert f'"{act}"' in offered[Role.ADMIN] and f'"{act}"' not in offered[Role.VIEWER]


def refused(status: int, call: Call) -> bool:
    return status == (401 if call.is_api else 302)


def send(visitor: Visitor, call: Call):  # type: ignore[no-untyped-def]
    """The call with the proof that a page of this site sends it, and nothing else in it."""
    if call.method == "GET":
        return visitor.get(call.path)
    return visitor.send(call.method, call.path, headers={"X-CSRFToken": visitor.token()})


def signed_in(app: Flask, account: Account) -> Visitor:
    """A browser with a session of its own, since some routes end the session that calls them."""
    visitor = Visitor(app)
    with visitor.client.session_transaction() as cookie:
        cookie[SESSION_KEY] = sessions.open_for(account, app.config["SETTINGS"])
    return visitor


def bearing(app: Flask, account: Account, scopes: frozenset[Scope]) -> Visitor:
    program = Visitor(app)
    token = tokens.create(account, "tests", scopes=scopes)
    program.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return program

"""No other site sends a form for a person who is signed in here."""

import re

import pytest
from flask import Flask

from tests.security.routes import UNSAFE, Call, calls
from tests.security.test_roles_and_routes import signed_in
from tests.webapp.visitor import Visitor
from webapp.accounts.models import Account
from webapp.accounts.roles import Role
from webapp.config import ROOT

TEMPLATES = sorted((ROOT / "webapp" / "templates").rglob("*.html"))


@pytest.fixture
def changing(app: Flask) -> list[Call]:
    """Every call that may change something, of pages and of the API."""
    found = [call for call in calls(app) if call.method in UNSAFE]
    assert len(found) > 15
    return found


@pytest.mark.parametrize("proof", [None, "", "wrong", "ImFub3RoZXIgc2Vzc2lvbiI.aa.bb"])
def test_what_comes_without_proof_is_refused(
    app: Flask, people: dict[Role, Account], changing: list[Call], proof: str | None
) -> None:
    headers = {} if proof is None else {"X-CSRFToken": proof}
    for call in changing:
        answer = signed_in(app, people[Role.ADMIN]).send(call.method, call.path, headers=headers)
        assert answer.status_code == 400 and "expired" in answer.text, str(call)


def test_the_proof_of_another_session_is_none(app: Flask, people: dict[Role, Account], changing: list[Call]) -> None:
    other = Visitor(app).token()
    for call in changing:
        visitor = signed_in(app, people[Role.ADMIN])
        visitor.token()
        answer = visitor.send(call.method, call.path, headers={"X-CSRFToken": other})
        assert answer.status_code == 400, str(call)


def test_over_tls_a_form_of_another_site_is_refused_though_it_has_the_proof(
    app: Flask, people: dict[Role, Account], changing: list[Call]
) -> None:
    for call in changing:
        visitor = signed_in(app, people[Role.ADMIN])
        headers = {"X-CSRFToken": visitor.token(), "Referer": "https://evil.example/"}
        answer = visitor.send(call.method, call.path, headers=headers, base_url="https://localhost")
        # Over plain HTTP the cookie was made, so over TLS the session is there too.
        assert answer.status_code == 400, str(call)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_form_carries_its_proof(template: object) -> None:
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", template.read_text(), re.DOTALL)  # type: ignore[attr-defined]
    assert [form for form in forms if 'name="csrf_token"' not in form] == []


def test_reading_changes_nothing(app: Flask) -> None:
    """A link or a picture of another site sends the cookie along: no GET may do anything."""
    acts = re.compile(r"create|cancel|rerun|revoke|end|disable|enable|reset|change|delete|pause|resume|logout|log_in")
    assert [
        str(call) for call in calls(app) if call.method == "GET" and acts.search(call.endpoint.split(".")[-1])
    ] == []

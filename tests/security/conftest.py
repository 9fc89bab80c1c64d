"""The small world of these tests: an admin, an operator and a viewer, each with a browser or a token."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.webapp.visitor import Visitor
from webapp.accounts import service, tokens
from webapp.accounts.models import Account
from webapp.accounts.roles import ALL_SCOPES, Role, Scope
from webapp.projects import service as projects
from webapp.projects.models import DEFAULT, Project

PASSWORD = "a-long-password"


@pytest.fixture
def people(app: Flask) -> dict[Role, Account]:
    """One account of each role; the admin is the first account."""
    return {
        Role.VIEWER: service.create("vera", Role.VIEWER, PASSWORD),
        Role.OPERATOR: service.create("otto", Role.OPERATOR, PASSWORD),
        Role.ADMIN: service.account_named("admin"),
    }


@pytest.fixture
def finance(people: dict[Role, Account]) -> Project:
    """A project to which only the operator belongs, and no longer to the default one."""
    finance = projects.create("finance")
    projects.add(finance, people[Role.OPERATOR].id)
    projects.remove(projects.get(DEFAULT), people[Role.OPERATOR].id)
    return finance


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    return Visitor(app)


@pytest.fixture
def bearer(app: Flask, people: dict[Role, Account]) -> Callable[..., Visitor]:
    """A program that sends a token of the account with that role."""

    def make(role: Role = Role.ADMIN, scopes: frozenset[Scope] = ALL_SCOPES) -> Visitor:
        program = Visitor(app)
        token = tokens.create(people[role], "tests", scopes=scopes)
        program.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return program

    return make

"""`flask project …`, for whoever has the machine."""

import click
from flask.cli import AppGroup

from webapp.accounts import names, tokens
from webapp.accounts import service as accounts
from webapp.projects import service

project = AppGroup("project", help="Projects and who belongs to them.")


@project.command("create")
@click.argument("name")
def create(name: str) -> None:
    """Make a project."""
    service.create(names.accept(name))


@project.command("add")
@click.argument("name")
@click.argument("username")
def add(name: str, username: str) -> None:
    """Let an account into a project."""
    service.add(service.named(name), accounts.account_named(username).id)


@project.command("remove")
@click.argument("name")
@click.argument("username")
def remove(name: str, username: str) -> None:
    """Take an account out of a project."""
    service.remove(service.named(name), accounts.account_named(username).id)
    tokens.forget()

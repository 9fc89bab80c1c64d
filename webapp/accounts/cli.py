"""`flask token create` and `flask account password`."""

import secrets

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.accounts import service

token = AppGroup("token", help="API tokens.")
password = AppGroup("account", help="Accounts.")


@token.command("create")
@click.option("--name", default="command line", help="What the token is for.")
@click.option("--username", default=None, help="Whose token it is (default: the first account).")
def create(name: str, username: str | None) -> None:
    """Make an API token and print it; it cannot be seen again."""
    account = service.account_named(username or current_app.config["SETTINGS"].admin_username)
    click.echo(service.create_token(account, name))


@password.command("password")
@click.argument("username")
def reset(username: str) -> None:
    """Give an account a new generated password and print it."""
    account = service.account_named(username)
    new = secrets.token_urlsafe(12)
    service.set_password(account, new)
    click.echo(new)

"""`flask token …` and `flask account …`, for whoever has the machine."""

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.accounts import passwords, service, tokens
from webapp.accounts.expiry import moment
from webapp.accounts.models import ApiToken
from webapp.accounts.roles import Role, Scope
from webapp.projects import service as projects

token = AppGroup("token", help="API tokens.")
account = AppGroup("account", help="Accounts.")

USUAL_SCOPES = (Scope.READ.value, Scope.SUBMIT.value)


@token.command("create")
@click.option("--name", default="command line", help="What the token is for.")
@click.option("--username", default=None, help="Whose token it is (default: the first account).")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    default=USUAL_SCOPES,
    help="What it may do; may be given more than once (default: read and submit).",
)
@click.option("--project", default=None, help="The project whose tasks it sees (default: the default one).")
@click.option("--expires", default="never", help="Such as 12h, 90d, 2026-12-31, or never (the default).")
def create(name: str, username: str | None, scopes: tuple[str, ...], project: str | None, expires: str) -> None:
    """Make an API token and print it; it cannot be seen again."""
    owner = service.account_named(username or current_app.config["SETTINGS"].admin_username)
    number = projects.named(project).id if project else None
    wanted = frozenset(map(Scope, scopes))
    click.echo(tokens.create(owner, name, scopes=wanted, expires_at=moment(expires), project_id=number))


@token.command("list")
@click.option("--username", default=None, help="Whose tokens (default: the first account's).")
def list_tokens(username: str | None) -> None:
    """Print the number, the beginning, the scopes and the name of each token."""
    owner = service.account_named(username or current_app.config["SETTINGS"].admin_username)
    for found in tokens.of(owner.id):
        click.echo(_line(found))


@token.command("revoke")
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """End a token by the number that `flask token list` prints."""
    tokens.revoke_any(number)


@account.command("create")
@click.argument("username")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.OPERATOR.value,
    help="What the account may do.",
)
def create_account(username: str, role: str) -> None:
    """Make an account and print its generated password."""
    new = passwords.generated()
    service.create(username, Role(role), new)
    click.echo(new)


@account.command("password")
@click.argument("username")
def reset(username: str) -> None:
    """Give an account a new generated password and print it; its sessions end."""
    new = passwords.generated()
    service.set_password(service.account_named(username), new)
    click.echo(new)


def _line(found: ApiToken) -> str:
    until = f"until {found.expires_at:%Y-%m-%d %H:%M} UTC" if found.expires_at else "for ever"
    return f"{found.id}  {found.prefix}…  {found.scope}  {until}  {found.name}"

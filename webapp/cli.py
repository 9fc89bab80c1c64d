"""Commands that belong to no single room: `flask setup` and `flask doctor`."""

import sys

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from webapp import doctor
from webapp.accounts import service as accounts
from webapp.config import Settings


def init_app(app: Flask) -> None:
    app.cli.add_command(setup_command)
    app.cli.add_command(doctor_command)


@click.command("setup")
@with_appcontext
def setup_command() -> None:
    """Bring the database up to date and make the first account. Safe to run at every start."""
    for line in setup(current_app.config["SETTINGS"]):
        click.echo(line)


@click.command("doctor")
@with_appcontext
def doctor_command() -> None:
    """Look for what would keep jobs from running, with a mend for each fault. Exit code 1 when there is one."""
    findings = doctor.examine(current_app._get_current_object())  # type: ignore[attr-defined]
    for finding in findings:
        click.echo(doctor.line(finding))
    sys.exit(any(not finding.ok and finding.needed for finding in findings))


def setup(settings: Settings) -> list[str]:
    """Migrate, prepare the folders and the first account. Returns what the person who starts the product must be told."""
    for folder in (settings.var_dir / "files", settings.var_dir / "logs", settings.var_dir / "run"):
        folder.mkdir(parents=True, exist_ok=True)
    upgrade()
    password = accounts.prepare(settings)
    if password is None:
        return []
    return [
        f"The first account: {settings.admin_username} / {password}  (shown only now; change it with 'flask account password')"
    ]

"""`flask audit verify`."""

import sys

import click
from flask.cli import AppGroup

from webapp.audit import chain

audit = AppGroup("audit", help="Who did what.")


@audit.command("verify")
@click.option("--known", default=None, help="A digest that was noted down before and must be in the chain.")
def verify(known: str | None) -> None:
    """Prove that no entry was changed, removed or moved. Exit code 1 when one was.

    Note the digest it prints in a place that the database's administrator cannot change: who can rewrite every row can make
    a whole new chain, and only that note tells.
    """
    found = list(chain.faults(known))
    for fault in found:
        click.echo(fault, err=True)
    number, digest = chain.head()
    if not found:
        click.echo(f"{number} entries, none changed. The last one's digest: {digest}")
    sys.exit(bool(found))

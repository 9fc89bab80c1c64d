"""`flask keys rotate`."""

from collections.abc import Callable

import click
from flask import current_app
from flask.cli import AppGroup

from webapp import signals
from webapp.sealing.keys import Keyring

keys = AppGroup("keys", help="The keys that seal secrets.")

# What seals again all that a room keeps, and says how much it was.
Reseal = Callable[[Keyring], int]
_rooms: list[Reseal] = []


def keeps_secrets(reseal: Reseal) -> Reseal:
    """Mark a function that `flask keys rotate` calls."""
    if reseal not in _rooms:
        _rooms.append(reseal)
    return reseal


@keys.command("rotate")
@click.option("--forget", is_flag=True, help="Afterwards forget all keys but the new one.")
def rotate(forget: bool) -> None:
    """Seal every stored secret with a new key.

    With ENCRYPTION_KEYS put the new key first there and start everything anew, then call this; the old keys may go then.
    Without it the key is made here.
    """
    ring: Keyring = current_app.extensions["keys"]
    if not ring.of_settings:
        ring.add()
    count = sum(reseal(ring) for reseal in _rooms)
    if forget and not ring.of_settings:
        ring.keep_first()
    signals.tell("keys.rotated", forget=forget)
    click.echo(f"Sealed anew: {count}.")

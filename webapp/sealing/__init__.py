"""Secrets at rest: ciphertext in the database, plain only in the worker that needs them."""

from flask import Flask

from webapp.sealing import cli
from webapp.sealing.keys import Keyring


def init_app(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    app.extensions["keys"] = Keyring(settings.encryption_keys, settings.var_dir / "encryption_keys")
    app.cli.add_command(cli.keys)

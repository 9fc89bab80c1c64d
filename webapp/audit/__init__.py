"""Who did what, when, from where, to what: rows that follow each other by a hash chain, so that a change shows."""

from flask import Flask

from webapp import signals
from webapp.audit import cli, hearing, pages


def init_app(app: Flask) -> None:
    app.register_blueprint(pages.blueprint)
    app.cli.add_command(cli.audit)
    signals.happened.connect(hearing.write_down)

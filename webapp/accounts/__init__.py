"""Who may come in: accounts, API tokens, and the access rule that each route carries."""

from flask import Flask

from webapp.accounts import cli, guard, pages, sessions


def init_app(app: Flask) -> None:
    app.register_blueprint(pages.blueprint)
    app.cli.add_command(cli.token)
    app.cli.add_command(cli.password)
    app.session_interface = sessions.CookieSessions()
    guard.init_app(app)

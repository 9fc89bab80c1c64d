"""Who may come in: accounts, API tokens, and the access rule that each route carries."""

from flask import Flask

from webapp.accounts import cli, cookies, guard, pages


def init_app(app: Flask) -> None:
    app.register_blueprint(pages.blueprint)
    app.cli.add_command(cli.token)
    app.cli.add_command(cli.account)
    app.session_interface = cookies.CookieSessions()
    guard.init_app(app)

"""Who may come in: accounts, sessions, API tokens, and the access rule that each route carries."""

from flask import Flask
from flask_openapi import OpenAPI

from webapp.accounts import admin, api, cli, cookies, guard, oidc, own, pages


def init_app(app: Flask) -> None:
    assert isinstance(app, OpenAPI)
    app.register_api(api.blueprint)
    for blueprint in (pages.blueprint, own.blueprint, admin.blueprint):
        app.register_blueprint(blueprint)
    app.cli.add_command(cli.token)
    app.cli.add_command(cli.account)
    app.session_interface = cookies.CookieSessions()
    guard.init_app(app)
    oidc.init_app(app)

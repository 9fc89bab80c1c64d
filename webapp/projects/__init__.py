"""A boundary for teams: tasks and tokens belong to a project, and its members see no others."""

from flask import Flask


def init_app(app: Flask) -> None:
    # The accounts ask this room who belongs where, and its pages ask them who is calling: so the pages come last.
    from webapp.projects import cli, pages

    app.register_blueprint(pages.blueprint)
    app.cli.add_command(cli.project)

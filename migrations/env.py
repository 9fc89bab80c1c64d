"""Alembic's entry: migrates the database of the running Flask app."""

from alembic import context
from flask import current_app

from webapp.extensions import Moment, db

OPTIONS = current_app.extensions["migrate"].configure_args


def render_item(kind, item, autogen_context):
    """Write our own column type into a migration with the import that it needs."""
    if kind == "type" and isinstance(item, Moment):
        autogen_context.imports.add("from webapp.extensions import Moment")
        return "Moment()"
    return False


def offline() -> None:
    context.configure(
        url=db.engine.url.render_as_string(hide_password=False), target_metadata=db.metadata, literal_binds=True
    )
    with context.begin_transaction():
        context.run_migrations()


def online() -> None:
    with db.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata, render_item=render_item, **OPTIONS)
        with context.begin_transaction():
            context.run_migrations()


offline() if context.is_offline_mode() else online()

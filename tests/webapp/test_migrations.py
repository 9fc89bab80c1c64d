"""The migrations make what the models say, on each database, and can be undone."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from webapp.extensions import db


def test_a_migrated_database_is_what_the_models_say(app_on_each_database: Flask) -> None:
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []


def test_migrations_go_down_and_up_again(app: Flask) -> None:
    downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    upgrade()
    assert set(inspect(db.engine).get_table_names()) == {*db.metadata.tables, "alembic_version"}

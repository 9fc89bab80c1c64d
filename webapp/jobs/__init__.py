"""What to run, kept under a name: versions, runs, and files that come and go."""

from flask import Flask, request
from flask_openapi import OpenAPI

from webapp.jobs import api, archive, cli, models, pages, transfer_api

__all__ = ["init_app", "models"]

# These take a whole folder, each file as a part of a form.
_FOLDERS = {"jobs.look", "job_files.import_jobs"}
_OTHER_PARTS = 50


def init_app(app: Flask) -> None:
    assert isinstance(app, OpenAPI)
    app.before_request(_take_folders)
    for blueprint in (api.blueprint, transfer_api.blueprint):
        app.register_api(blueprint)
    pages.init_app(app)
    app.cli.add_command(cli.job)


def _take_folders() -> None:
    if request.endpoint in _FOLDERS:
        request.max_form_parts = archive.MOST_FILES + _OTHER_PARTS

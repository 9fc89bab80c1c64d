"""`flask scheduler`: the process that keeps tasks moving."""

import signal
from threading import Event

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from webapp.tasks import sweep


@click.command("scheduler")
@with_appcontext
def scheduler() -> None:
    """Publish waiting tasks and declare lost workers until stopped. Any number of these may run."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    sweep.forever(app, stop)

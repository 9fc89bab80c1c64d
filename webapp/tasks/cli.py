"""`flask scheduler`: the process that keeps tasks moving."""

import signal
from threading import Event, Thread

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from webapp.logs import retention
from webapp.tasks import sweep


@click.command("scheduler")
@with_appcontext
def scheduler() -> None:
    """Publish waiting tasks, declare lost workers and delete old logs until stopped. Any number of these may run."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    Thread(target=retention.forever, args=(app.extensions["logs"], app.config["SETTINGS"], stop), daemon=True).start()
    sweep.forever(app, stop)

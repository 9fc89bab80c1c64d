"""`flask workers` and `flask queue`: the same as the page, for a terminal."""

import getpass

import click
from flask.cli import AppGroup, with_appcontext

from webapp.accepted import QUEUE_NAME
from webapp.fleet import queries
from webapp.fleet.queries import QueueSeen, WorkerSeen
from webapp.workers import service

queue = AppGroup("queue", help="See, pause and resume queues.")


@click.command("workers")
@with_appcontext
def workers() -> None:
    """Who is alive, and what each runs. Exit code 1 when nobody takes tasks."""
    seen = queries.seen_workers()
    for each in seen:
        click.echo(_worker(each))
    if not any(service.takes_tasks(each.worker) for each in seen):
        raise click.ClickException("no worker that is alive takes tasks")


@queue.command("list")
def show() -> None:
    """How many tasks wait and run in each queue, and who serves it."""
    for each in queries.seen_queues():
        click.echo(_queue(each))


def _known_form(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    if not QUEUE_NAME.fullmatch(name):
        raise click.BadParameter("a queue's name has at most 64 letters, digits and _.-")
    return name


@queue.command("pause")
@click.argument("name", callback=_known_form)
def pause(name: str) -> None:
    """Start none of its waiting tasks; those that run go on."""
    service.pause(name, _somebody())
    click.echo(_queue(queries.seen_queue(name)))


@queue.command("resume")
@click.argument("name", callback=_known_form)
def resume(name: str) -> None:
    """Start its tasks again."""
    service.resume(name, _somebody())
    click.echo(_queue(queries.seen_queue(name)))


def _somebody() -> str:
    return f"{getpass.getuser()} at a terminal"


def _worker(seen: WorkerSeen) -> str:
    row = seen.worker
    engines = ", ".join(engine["name"] for engine in row.engines if engine["available"])
    load = f"{seen.busy} of {row.concurrency} tasks"
    return f"{row.name}: {seen.state}, {load}, queues {', '.join(row.queues)}, engines {engines or 'none'}"


def _queue(seen: QueueSeen) -> str:
    paused = f", paused by {seen.paused_by}" if seen.paused_at else ""
    return f"{seen.name}: {seen.waiting} waiting, {seen.running} running, served by {', '.join(seen.workers) or 'nobody'}{paused}"

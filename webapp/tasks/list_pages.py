"""The list of tasks: its page, and its rows alone."""

from typing import Any

from flask import Blueprint, current_app, render_template, request

from webapp.accounts.guard import viewers
from webapp.requests import check
from webapp.tasks import examples, listing, schemas
from webapp.tasks.filters import ListQuery

ROWS = 50


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/", view_func=index)
    blueprint.add_url_rule("/tasks/rows", view_func=rows)


@viewers
def index() -> str:
    return render_template("tasks/index.html", **_listed())


@viewers
def rows() -> str:
    """The list alone, which the page asks for again and again."""
    return render_template("tasks/_rows.html", **_listed())


def _listed() -> dict[str, Any]:
    """The tasks that the address asks for; a field that was left empty does not narrow the list."""
    given = {name: value for name, value in request.args.items() if value}
    query = check(ListQuery, {**given, "limit": ROWS})
    found = listing.page(query.filter(), ROWS, query.cursor)
    newest = {name: value for name, value in given.items() if name != "cursor"}
    return {
        "tasks": found.tasks,
        "durations": {task.id: schemas.duration(task.started_at, task.finished_at) for task in found.tasks},
        "next_cursor": found.next_cursor,
        "query": given,
        "newest": newest,
        "filtered": bool(given),
        "examples": examples.choices(current_app.config["SETTINGS"]),
    }

"""The list of tasks: its page, its rows alone, what has changed since, and all of it as a file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, stream_with_context, url_for
from flask_babel import gettext as _

from webapp import clock
from webapp.accounts.guard import viewers
from webapp.requests import check
from webapp.states import DEFAULT_QUEUE, FINAL
from webapp.tasks import bulk, examples, export, listing, wording
from webapp.tasks.filters import FilterQuery, Last, ListQuery
from webapp.tasks.list_rows import shown
from webapp.tasks.listing import ListedTask
from webapp.workers import service as workers

ROWS = 50
# What is counted of tasks that came since; beyond that "99+" says enough.
MOST_NEWER = 100
# A request line may have 4094 bytes; the ids of the page's unfinished tasks get this many of them.
IDS_BYTES = 2500
EXPORTED_AT_ONCE = 500


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/tasks", view_func=index)
    blueprint.add_url_rule("/tasks/rows", view_func=rows)
    blueprint.add_url_rule("/tasks/news", view_func=news)
    blueprint.add_url_rule("/tasks/export.csv", view_func=as_csv)
    blueprint.add_url_rule("/tasks/export.json", view_func=as_json)


@viewers
def index() -> str:
    given = asked()
    return render_template("tasks/index.html", **_listed(given), **_choices(given))


@viewers
def rows() -> str:
    """The list alone."""
    return render_template("tasks/_rows.html", **_listed(asked()))


@viewers
def news() -> str:
    """The tasks of a page that had not finished, as they are now, and how many new ones there are: what the page asks again and again."""
    given = asked()
    since, ids = given.pop("than", None), given.pop("ids", "")
    wanted = check(FilterQuery, given).filter()
    found = listing.these([task_id for task_id in ids.split(",") if task_id][:ROWS])
    newer = listing.newer(wanted, listing.position(since), MOST_NEWER) if since else 0
    return render_template(
        "tasks/_news.html",
        tasks=list(shown(found)),
        newest=given,
        newer=newer,
        most_newer=MOST_NEWER,
        default_queue=DEFAULT_QUEUE,
        **_following(given, found, since),
    )


@viewers
def as_csv() -> Response:
    return _file("csv", "text/csv", export.as_csv)


@viewers
def as_json() -> Response:
    return _file("json", "application/json", export.as_json)


def _file(ending: str, mimetype: str, written: Callable[[Iterable[Sequence[ListedTask]]], Iterator[str]]) -> Response:
    """All that the filter finds, written as it is read, in little memory."""
    wanted = check(FilterQuery, asked()).filter()
    pages = listing.every(wanted, EXPORTED_AT_ONCE)
    response = Response(stream_with_context(written(pages)), mimetype=mimetype)
    name = f"tasks-{clock.now():%Y-%m-%d-%H%M}.{ending}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def asked() -> dict[str, str]:
    """What the address asks for; a field that was left empty does not narrow the list. A time without a zone is UTC."""
    given = {name: value for name, value in request.args.items() if value}
    return {name: _in_utc(value) if name in {"since", "until"} else value for name, value in given.items()}


def _in_utc(moment: str) -> str:
    try:
        naive = datetime.fromisoformat(moment).tzinfo is None
    except ValueError:
        return moment
    return f"{moment}Z" if naive else moment


def _listed(given: dict[str, str]) -> dict[str, Any]:
    query = check(ListQuery, {**given, "limit": ROWS})
    found = listing.page(query.filter(), ROWS, query.cursor)
    newest = {name: value for name, value in given.items() if name != "cursor"}
    ends = query.cursor or query.until  # before what comes from now on
    than = None if ends else _newest_of(found.tasks)
    return {
        "tasks": list(shown(found.tasks)),
        "next_cursor": found.next_cursor,
        "searched_to": found.searched_to,
        "query": given,
        "newest": newest,
        "newer": 0,
        "most_newer": MOST_NEWER,
        "filtered": bool(newest),
        "chips": _chips(newest),
        "default_queue": DEFAULT_QUEUE,
        "most_at_once": bulk.MOST,
        "examples": examples.choices(current_app.config["SETTINGS"]),
        **_following(newest, found.tasks, than),
    }


def _newest_of(tasks: Sequence[ListedTask]) -> str:
    """The place before which new tasks come."""
    newest = max(((task.created_at, task.id) for task in tasks), default=(clock.now(), ""))
    return listing.cursor_after(*newest)


def _following(newest: dict[str, str], tasks: Sequence[ListedTask], than: str | None) -> dict[str, Any]:
    """Where the page asks for news; nowhere when there cannot be any."""
    ids: list[str] = []
    for task in tasks:
        if task.state not in FINAL and "," not in task.id and len(",".join([*ids, task.id])) < IDS_BYTES:
            ids.append(task.id)
    if not ids and than is None:
        return {"news_address": None, "news_every": 0}
    address = url_for("tasks.news", **newest, ids=",".join(ids) or None, than=than)  # type: ignore[arg-type]
    return {"news_address": address, "news_every": 2000 if ids else 4000}


def _chips(given: dict[str, str]) -> list[tuple[str, str, bool, str]]:
    """Each filter that is on: its field's label, its value, whether that is a time, and where the list is without it."""
    labels = {name: str(label) for name, label in _labels().items() if name in given}
    words: dict[str, Any] = {
        "state": wording.STATES,
        "outcome": wording.OUTCOMES,
        "type": wording.TYPES,
        "last": _times(),
    }
    job = current_app.extensions.get("name_of_job")
    values = {**given, **({"job_id": job(given["job_id"])} if job and "job_id" in given else {})}
    return [
        (
            label,
            str(words[name][given[name]]) if name in words else values[name],
            name in {"since", "until"},
            url_for("tasks.index", **{other: value for other, value in given.items() if other != name}),  # type: ignore[arg-type]
        )
        for name, label in labels.items()
    ]


def _labels() -> dict[str, str]:
    return {
        "text": _("Search"),
        "state": _("State"),
        "outcome": _("Outcome"),
        "last": _("Created"),
        "type": _("Type"),
        "engine": _("Engine"),
        "queue": _("Queue"),
        "name": _("Name"),
        "job_id": _("Saved job"),
        "since": _("From"),
        "until": _("Until"),
    }


def _times() -> dict[str, str]:
    return {
        Last.HOUR: _("last hour"),
        Last.DAY: _("last 24 hours"),
        Last.WEEK: _("last 7 days"),
        Last.MONTH: _("last 30 days"),
    }


def _choices(given: dict[str, str]) -> dict[str, Any]:
    """What the fields of the filter offer."""
    engines = sorted({*current_app.extensions["offers"], *([given["engine"]] if "engine" in given else [])})
    served = {name for worker in workers.known() for name in worker.queues}
    return {
        "labels": _labels(),
        "times": _times(),
        "engines": {name: name for name in engines},
        "queues": sorted({DEFAULT_QUEUE, *served}),
        "more_open": any(name in given for name in ("type", "engine", "queue", "name", "since", "until")),
    }

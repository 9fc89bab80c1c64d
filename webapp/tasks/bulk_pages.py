"""Selected tasks: first what would happen, then what has."""

import secrets
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from webapp.accounts.guard import account_id, caller, operators, viewers
from webapp.requests import check
from webapp.states import CLAIMABLE, FINAL
from webapp.tasks import bulk, listing
from webapp.tasks.bulk import UNFINISHED, Action, Matching
from webapp.tasks.filters import FilterQuery
from webapp.tasks.list_rows import shown


class Wanted(BaseModel):
    action: Action


# How many of the selected are named; the others are counted.
NAMED = 20


def add_to(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/tasks/selected", view_func=review, methods=["POST"])
    blueprint.add_url_rule("/tasks/selected/act", view_func=act, methods=["POST"])
    for path in ("/tasks/selected", "/tasks/selected/act"):
        blueprint.add_url_rule(path, view_func=back_to_the_list)


@operators
def review() -> str:
    """What would happen to which tasks. Nothing happens before the answer."""
    action, filters = _action(), _filters()
    found = _selected(action, filters)
    possible = [task for task in found.tasks if action is Action.RERUN or task.state in UNFINISHED]
    return render_template(
        "tasks/review.html",
        action=action,
        ids=[task.id for task in possible],
        tasks=list(shown(possible[:NAMED])),
        others=max(0, len(possible) - NAMED),
        waiting=sum(task.state in CLAIMABLE for task in possible),
        unfinished=sum(task.state not in FINAL for task in possible),
        finished=len(found.tasks) - len(possible),
        more=found.more,
        most=bulk.MOST,
        filters=filters,
        once=secrets.token_urlsafe(16),
    )


@operators
def act() -> str:
    """Do it to exactly the tasks that were shown."""
    action, ids = _action(), request.form.getlist("id")[: bulk.MOST]
    if action is Action.CANCEL:
        report = bulk.cancel(ids, caller().username)
    else:
        report = bulk.rerun(ids, account_id(), request.form.get("once") or None)
    led_to = listing.these([task_id for _, task_id in report.done])
    return render_template(
        "tasks/acted.html",
        action=action,
        done=list(shown(led_to)),
        refused=report.refused,
        filters=_filters(),
        stopping=sum(task.state not in FINAL for task in led_to),
    )


@viewers
def back_to_the_list() -> ResponseReturnValue:
    """Somebody asks for the address again, as a change of the language does."""
    return redirect(url_for("tasks.index"))


def _action() -> Action:
    return check(Wanted, {"action": request.form.get("action", "")}).action


def _filters() -> dict[str, str]:
    return {name: value for name in FilterQuery.model_fields if (value := request.form.get(name))}


def _selected(action: Action, filters: dict[str, Any]) -> Matching:
    if request.form.get("all"):
        return bulk.matching(check(FilterQuery, filters).filter(), action)
    ids = request.form.getlist("id")
    return Matching(listing.these(ids[: bulk.MOST]), len(ids) > bulk.MOST)

"""The pages of a job's versions: their list, one of them, what differs between two, and the way back."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.accounts.guard import caller, viewers
from webapp.jobs import comparing, queries, schemas, sealed, service, wording
from webapp.jobs.api import keepers
from webapp.jobs.models import SavedJobVersion
from webapp.jobs.schemas import OPTIONS
from webapp.jobs.showing import held

ROWS = 50


def add_to(blueprint: Blueprint) -> None:
    own = "/jobs/<job_id>"
    blueprint.add_url_rule(f"{own}/versions", view_func=versions)
    blueprint.add_url_rule(f"{own}/versions/<int(max=2147483647):number>", view_func=version)
    blueprint.add_url_rule(f"{own}/versions/<int(max=2147483647):number>/restore", view_func=restore, methods=["POST"])
    blueprint.add_url_rule(f"{own}/diff", view_func=diff)


@viewers
def versions(job_id: str) -> str:
    job = queries.get(job_id)
    before = request.args.get("before", type=int)
    found = queries.versions(job, ROWS + 1, before)
    more = found[ROWS - 1].number if len(found) > ROWS else None
    return render_template("jobs/versions.html", job=job, versions=found[:ROWS], more=more, before=before)


@viewers
def version(job_id: str, number: int) -> str:
    job = queries.get(job_id)
    return render_template("jobs/version.html", job=job, **held(queries.version(job, number)))


@keepers
def restore(job_id: str, number: int) -> ResponseReturnValue:
    based_on = request.form.get("based_on", type=int)
    service.restore(job_id, number, caller().username, based_on=based_on)
    return redirect(url_for("jobs.show", job_id=job_id))


@viewers
def diff(job_id: str) -> str:
    """Two versions beside each other: the newest and the one before it, unless it is said which."""
    job = queries.get(job_id)
    newer = queries.version(job, request.args.get("to", job.version, type=int))
    older = queries.version(job, request.args.get("from", max(1, newer.number - 1), type=int))
    old, new = schemas.held(older), schemas.held(newer)
    return render_template(
        "jobs/diff.html",
        job=job,
        older=older,
        newer=newer,
        lines=comparing.lines(old["job"], new["job"]),
        fields=comparing.fields(_fields(older), _fields(newer)),
        params=comparing.fields(old["params"], new["params"]),
        behind_masks=not sealed.same(older, newer),
        labels=wording.LABELS,
        is_duration=wording.is_duration,
    )


def _fields(found: SavedJobVersion) -> dict[str, Any]:
    own = {"name": found.name, "description": found.description, "tags": found.tags}
    return {**own, **{name: found.options.get(name) for name in OPTIONS}}

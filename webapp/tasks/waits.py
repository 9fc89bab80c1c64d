"""What a waiting task waits for, said to people: in their language on pages, in English to programs."""

from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from webapp.states import CLAIMABLE
from webapp.tasks import placing, wording
from webapp.tasks.models import Task
from webapp.workers import capability
from webapp.workers import wording as of_workers
from webapp.workers.capability import Obstacle


def view(task: Task) -> dict[str, Any] | None:
    """As the API tells it of one task: `{"code", "message"}`, None for a task that has only to wait for its turn or waits no more."""
    found = obstacle(task) if task.state in CLAIMABLE else None
    return None if found is None else brief(found)


def obstacle(task: Task) -> Obstacle | None:
    """What keeps a waiting task from starting as things are now; None when it is only not its turn."""
    return task.waiting_for or capability.fleet().obstacle(placing.wish(task))


def brief(obstacle: Obstacle) -> dict[str, Any]:
    with force_locale("en"):
        return {"code": obstacle["code"], "message": sentence(obstacle)}


def sentence(obstacle: Obstacle) -> str:
    return of_workers.sentence(obstacle) or _of_limits(obstacle)


def _of_limits(obstacle: Obstacle) -> str:
    code = obstacle["code"]
    if code == "exclusive":
        return str(_("Waiting for the task %(task)s, which has the same exclusive key %(key)s.", **_but_code(obstacle)))
    if code == "queue-limit":
        return str(_("%(limit)s tasks of the queue %(queue)s run, which is its limit.", **_but_code(obstacle)))
    if code == "host-limit":
        return str(_("%(limit)s tasks that use the host %(host)s run, which is its limit.", **_but_code(obstacle)))
    figures = {name: wording.size(obstacle[name]) for name in ("wish", "taken", "limit")}
    text = _(
        "The engine may take %(wish)s of memory. On the worker %(worker)s %(taken)s of %(limit)s are taken.",
        worker=obstacle["worker"],
        **figures,
    )
    return str(text)


def _but_code(obstacle: Obstacle) -> dict[str, Any]:
    return {name: value for name, value in obstacle.items() if name != "code"}

"""What a task waits for, said to people."""

from flask_babel import gettext as _

from webapp.workers import capability
from webapp.workers.capability import Obstacle


def sentence(obstacle: Obstacle) -> str | None:
    """None for what is not about workers and queues."""
    code, queue = obstacle["code"], obstacle.get("queue", "")
    if code == capability.PAUSED:
        return str(_("The queue %(queue)s is paused.", queue=queue))
    if code == capability.NO_WORKER:
        return str(_("No worker that is alive serves the queue %(queue)s.", queue=queue))
    needed = {name: obstacle.get(name, "") for name in ("engines", "plugins")}
    if code == capability.NOBODY_CAN:
        text = _(
            "No worker that is alive and serves the queue %(queue)s has %(engines)s with %(plugins)s.",
            queue=queue,
            **needed,
        )
        return str(text)
    if code == capability.ELSEWHERE:
        return str(_("Waiting for a worker that has %(engines)s with %(plugins)s.", **needed))
    if code == capability.BUSY:
        return str(_("The workers that have %(engines)s with %(plugins)s are busy.", **needed))
    return None

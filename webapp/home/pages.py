"""The first page."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, render_template

from webapp.accounts.guard import viewers
from webapp.fleet.pages import STATES
from webapp.home import queries
from webapp.home.queries import Hour, Sight
from webapp.projects import scope
from webapp.tasks import examples, waits
from webapp.tasks.list_rows import shown

CHART_HEIGHT, BAR_STEP, BAR_WIDTH = 120, 30, 22

blueprint = Blueprint("home", __name__)


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a column of the chart, in its own units, from the top."""

    kind: str
    x: int
    y: float
    height: float


@blueprint.get("/")
@viewers
def index() -> str:
    return render_template("home/index.html", **_seen())


@blueprint.get("/live")
@viewers
def live() -> str:
    """What changes, which the page asks for again and again."""
    return render_template("home/_live.html", **_seen())


def bars(hours: list[Hour]) -> list[Bar]:
    """The columns stand on the ground, the bad on top, so that a failure is seen at the edge. One that is there at all is visible."""
    most = max((hour.all for hour in hours), default=0) or 1
    found = []
    for number, hour in enumerate(hours):
        y = float(CHART_HEIGHT)
        for kind in ("good", "other", "bad"):
            count = getattr(hour, kind)
            if count:
                height = max(2.0, round(count / most * (CHART_HEIGHT - 8), 1))
                y -= height
                found.append(Bar(kind, number * BAR_STEP, max(0.0, round(y, 1)), height))
    return found


def _seen() -> dict[str, Any]:
    sight: Sight = current_app.extensions["home_sights"].of(scope.current(), queries.sight)
    rates = [(task.progress or {}) for task in sight.running]
    return {
        "sight": sight,
        "running": list(zip(shown(sight.running), rates, strict=True)),
        "failures": list(shown(sight.failures)),
        "obstacles": [(waits.sentence(obstacle), count) for obstacle, count in sight.obstacles],
        "worker_states": STATES,
        "bars": bars(list(sight.hours)),
        "chart": {
            "width": BAR_STEP * (queries.HOURS - 1) + BAR_WIDTH,
            "height": CHART_HEIGHT,
            "bar": BAR_WIDTH,
            "step": BAR_STEP,
        },
        "examples": {name: examples.LABELS[name] for name in examples.offered(current_app.config["SETTINGS"])},
    }

"""How figures and states are said to people, in their language."""

import json
import re
from datetime import datetime
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from webapp import clock
from webapp.states import Outcome, State
from webapp.tasks.listing import ListedTask
from webapp.tasks.models import Task

STATES = {
    State.PENDING: _l("waiting"),
    State.STARTED: _l("running"),
    State.RETRY: _l("waiting to retry"),
    State.SUCCESS: _l("done"),
    State.FAILURE: _l("failed"),
    State.REVOKED: _l("cancelled"),
}
OUTCOMES = {
    Outcome.SUCCEEDED: _l("succeeded"),
    Outcome.FAILED: _l("failed"),
    Outcome.TIMED_OUT: _l("timed out"),
    Outcome.CANCELLED: _l("cancelled"),
    Outcome.LOST: _l("lost"),
    Outcome.VALID: _l("valid"),
    Outcome.INVALID: _l("invalid"),
}
TYPES = {"execute": _l("run"), "validate": _l("check")}
SEVERITIES = {"error": _l("error"), "warning": _l("warning"), "advice": _l("advice")}

_CODE = re.compile("`([^`]+)`")
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def status(task: Task | ListedTask) -> tuple[str, str]:
    """One word for where a task is or how it ended: a name for the style sheet, and what people read."""
    if task.outcome:
        return task.outcome, str(OUTCOMES[Outcome(task.outcome)])
    if task.state == State.STARTED and task.cancel_requested_at:
        return "stopping", _("stopping")
    return str(task.state).lower(), str(STATES[State(task.state)])


def seconds(value: float | None) -> str:
    """A duration with the two units that matter."""
    if value is None:
        return "–"
    if round(value * 1000) < 1000:
        return str(_("%(number)s ms", number=round(value * 1000)))
    if value < 60:
        return str(_("%(number)s s", number=format_decimal(round(value, 1))))
    whole = round(value)
    units = (
        (whole // 86400, _("%(number)s d", number=whole // 86400)),
        (whole // 3600 % 24, _("%(number)s h", number=whole // 3600 % 24)),
        (whole // 60 % 60, _("%(number)s min", number=whole // 60 % 60)),
        (whole % 60, _("%(number)s s", number=whole % 60)),
    )
    first = next(at for at, (count, _words) in enumerate(units) if count)
    return " ".join(words for count, words in units[first : first + 2] if count)


def roughly(value: float) -> str:
    """A duration that nobody knows exactly: in seconds up to a minute, then in minutes."""
    return seconds(max(1.0, float(round(value))) if value < 60 else float(round(value / 60) * 60))


def size(value: float | None) -> str:
    """A number of bytes."""
    if value is None:
        return "–"
    step = 0
    while value >= 1024 and step < len(_UNITS) - 1:
        value, step = value / 1024, step + 1
    return f"{format_decimal(round(value, 1 if step else 0))} {_UNITS[step]}"


def number(value: float | None) -> str:
    return "–" if value is None else format_decimal(round(value, 1))


def moment(value: datetime | str | None) -> str | Markup:
    """A time in UTC, which the page's script says in the browser's zone. A text is one as `clock.iso` writes it."""
    if value is None:
        return "–"
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    utc = f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(clock.iso(value), utc, utc)


def code_marks(text: str) -> Markup:
    """Text whose `names` stand between backticks, as HTML."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


def pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)

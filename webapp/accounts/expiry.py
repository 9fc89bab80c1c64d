"""When a token ends, as people write it."""

import re
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _

from webapp import clock
from webapp.errors import InvalidRequest

NEVER = "never"
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_SPAN = re.compile(r"([0-9]{1,5})([mhd])")


def moment(text: str) -> datetime | None:
    """None for `never`; `90d`, `12h` and `30m` count from now; a date ends with that day (UTC). Raises InvalidRequest."""
    if text in ("", NEVER):
        return None
    span = _SPAN.fullmatch(text)
    end = clock.now() + int(span[1]) * UNITS[span[2]] if span else _end_of(text)
    if end <= clock.now():
        raise InvalidRequest(_("%(text)s has passed already.", text=text))
    return end


def _end_of(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise InvalidRequest(
            _("%(text)s is neither never, nor such as 12h or 90d, nor a date.", text=text[:40])
        ) from None

"""What the parts of a saved job are called, in the language of the page."""

from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.jobs.models import SavedJobVersion
from webapp.jobs.schemas import OPTIONS, JobBody

LABELS = {
    "name": _l("Name"),
    "description": _l("Description"),
    "tags": _l("Tags"),
    "engine": _l("Engine"),
    "timeout": _l("Timeout"),
    "stall_timeout": _l("Stall timeout"),
    "retries": _l("Retries"),
    "exclusive": _l("Exclusive key"),
    "queue": _l("Queue"),
    "priority": _l("Priority"),
}
_SECONDS = {"timeout", "stall_timeout"}


def chosen(version: SavedJobVersion) -> dict[str, Any]:
    """The options that are not as they would be anyway."""
    fields = JobBody.model_fields
    return {
        name: value
        for name in OPTIONS
        if (value := version.options.get(name)) is not None and value != fields[name].get_default()
    }


def is_duration(name: str) -> bool:
    return name in _SECONDS

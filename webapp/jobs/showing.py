"""What the pages show of a version."""

from typing import Any

from webapp.jobs import schemas, wording
from webapp.jobs.models import SavedJobVersion
from webapp.tasks import showing


def held(version: SavedJobVersion) -> dict[str, Any]:
    """Its options, values and document, secrets masked."""
    seen = schemas.held(version)
    return {
        "this": version,
        "document": showing.lines_of(seen["job"]),
        "params": seen["params"],
        "options": wording.chosen(version),
        "labels": wording.LABELS,
        "is_duration": wording.is_duration,
    }

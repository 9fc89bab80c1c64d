"""What an address may ask of a list of tasks, on a page as in the API."""

from datetime import timedelta
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from webapp import clock
from webapp.states import Outcome, State, TaskType
from webapp.tasks.listing import Filter
from webapp.tasks.submission import Line


class Last(StrEnum):
    """A time that ends now, so that an address which is kept means the same tomorrow."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"

    @property
    def span(self) -> timedelta:
        return _SPANS[self]


_SPANS = {
    Last.HOUR: timedelta(hours=1),
    Last.DAY: timedelta(hours=24),
    Last.WEEK: timedelta(days=7),
    Last.MONTH: timedelta(days=30),
}


class FilterQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: TaskType | None = None
    state: State | None = None
    outcome: Outcome | None = None
    engine: Line | None = Field(default=None, max_length=16, description="The engine that runs or ran it.")
    queue: Line | None = Field(default=None, max_length=64)
    name: Line | None = Field(default=None, max_length=200, description="The exact name.")
    job_id: Line | None = Field(default=None, max_length=36, description="The saved job that it runs.")
    text: Line | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Part of the name in any case, or the id, of which the first 8 characters will do.",
    )
    since: AwareDatetime | None = Field(default=None, description="Created at or after.")
    until: AwareDatetime | None = Field(default=None, description="Created before.")
    last: Last | None = Field(default=None, description="Created in the time that ends now.")

    def filter(self) -> Filter:
        given = {name: getattr(self, name) for name in Filter.__dataclass_fields__}
        if self.last is not None:
            begin = clock.now() - self.last.span
            given["since"] = begin if self.since is None else max(begin, self.since)
        return Filter(**given)


class ListQuery(FilterQuery):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=400, description="`next_cursor` of the page before.")

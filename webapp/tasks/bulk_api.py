"""The JSON API of many tasks at once."""

from dataclasses import asdict
from typing import Any, Self

from flask_openapi import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, model_validator

from webapp.accounts.guard import account_id, caller, operators
from webapp.refusals import refusals
from webapp.requests import declared
from webapp.tasks import bulk
from webapp.tasks.api import SubmitHeader
from webapp.tasks.bulk import Action, Report
from webapp.tasks.filters import FilterQuery
from webapp.tasks.submission import Line

blueprint = APIBlueprint(
    "bulk",
    __name__,
    url_prefix="/api",
    abp_security=[{"token": []}],
    abp_responses=refusals(401, 403, 429),
)


class Which(BaseModel):
    """Tasks by their ids, or the newest that a filter finds; `{}` as the filter is all of them."""

    model_config = ConfigDict(extra="forbid")

    ids: list[Line] | None = Field(default=None, min_length=1, max_length=bulk.MOST)
    filter: FilterQuery | None = Field(default=None, description="The fields of a list's address.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("give either 'ids' or 'filter'")
        return self


class Done(BaseModel):
    id: str
    task: str = Field(description="The task itself, or the new one that runs its job again.")


class NotDone(BaseModel):
    id: str
    status: int = Field(description="What the call for this one task would have answered.")
    detail: str


class BulkAnswer(BaseModel):
    done: list[Done]
    refused: list[NotDone]
    more: bool = Field(description=f"Whether the filter may find more than these; one call takes {bulk.MOST}.")


@blueprint.post("/tasks/cancel", summary="Cancel many tasks", responses={"200": BulkAnswer, **refusals(400, 415, 422)})
@operators
@declared
def cancel(body: Which) -> dict[str, Any]:
    """Each by itself: one that has finished, or is not there, is among `refused`. A filter passes over what has finished."""
    ids, more = _ids(body, Action.CANCEL)
    return _answer(bulk.cancel(ids, caller().username), more)


@blueprint.post(
    "/tasks/rerun", summary="Run many tasks again", responses={"200": BulkAnswer, **refusals(400, 415, 422)}
)
@operators
@declared
def rerun(header: SubmitHeader, body: Which) -> dict[str, Any]:
    """New tasks of the same documents and options, the oldest first. With an `Idempotency-Key` a repeat makes none twice."""
    ids, more = _ids(body, Action.RERUN)
    return _answer(bulk.rerun(ids, account_id(), header.idempotency_key), more)


def _ids(body: Which, action: Action) -> tuple[list[str], bool]:
    if body.filter is None:
        return body.ids or [], False
    found = bulk.matching(body.filter.filter(), action)
    return [task.id for task in found.tasks], found.more


def _answer(report: Report, more: bool) -> dict[str, Any]:
    return {
        "done": [{"id": task_id, "task": led_to} for task_id, led_to in report.done],
        "refused": [asdict(refused) for refused in report.refused],
        "more": more,
    }

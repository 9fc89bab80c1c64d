"""What is said of saved jobs: what the API reads and answers, and what forms and files become. Also the OpenAPI document's."""

import unicodedata
from typing import Annotated, Any

from flask import url_for
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from webapp import clock
from webapp.jobs.models import NAME_LENGTH, NOTE_LENGTH, TAG_LENGTH, SavedJob, SavedJobVersion
from webapp.requests import check
from webapp.sealing import documents as sealing
from webapp.tasks import submission
from webapp.tasks.schemas import Finding
from webapp.tasks.submission import Line, ParameterValue, RunOptions

MOST_TAGS = 20
MOST_DESCRIPTION = 10_000
OPTIONS = tuple(RunOptions.model_fields)


def key_of(name: str) -> str:
    """By which names are compared: two that differ in case alone are one."""
    return unicodedata.normalize("NFC", name.strip()).casefold()


def _name(value: str) -> str:
    return unicodedata.normalize("NFC", value)


def _tag(value: str) -> str:
    tag = unicodedata.normalize("NFC", value).lower()
    if not tag.isprintable() or "," in tag or any(character.isspace() for character in tag):
        raise ValueError("a tag is one word: no blanks, no commas, nothing that cannot be seen")
    if len(tag) > TAG_LENGTH:
        raise ValueError(f"a tag has at most {TAG_LENGTH} characters")
    return tag


def _once(tags: list[str]) -> list[str]:
    return sorted(set(tags))


def _lines(value: str) -> str:
    if any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in value):
        raise ValueError("control characters are not allowed")
    return value


_stripped = StringConstraints(strip_whitespace=True)
_one_line = AfterValidator(submission.one_line)
Name = Annotated[str, _stripped, Field(min_length=1, max_length=NAME_LENGTH), _one_line, AfterValidator(_name)]
Tag = Annotated[str, _stripped, Field(min_length=1, max_length=TAG_LENGTH), AfterValidator(_tag)]
Tags = Annotated[list[Tag], Field(max_length=MOST_TAGS), AfterValidator(_once)]
Description = Annotated[str, _stripped, Field(max_length=MOST_DESCRIPTION), AfterValidator(_lines)]
Note = Annotated[str, _stripped, Field(max_length=NOTE_LENGTH), _one_line]


class JobBody(RunOptions):
    """A job to be saved: what would be submitted, with a name. Its document may have errors: then it is kept, and cannot be run yet."""

    name: Name = Field(description="Unique in the project, without regard to case.")
    job: submission.Job = Field(description="The DataX document, as an object or as text (which may carry comments).")
    description: Description = ""
    params: dict[Line, ParameterValue] = Field(
        default_factory=dict, description="Values for the document's `${name}` places, unless a run gives others."
    )
    tags: Tags = Field(default_factory=list, description="Words to find it by, kept in lower case.")
    note: Note = Field(default="", description="What changed, for the list of versions.")

    @property
    def text(self) -> str:
        """The document as its author wrote it."""
        return submission.content_of(self.job).decode("utf-8", "surrogateescape").removeprefix("\ufeff")

    @property
    def options(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in OPTIONS}


class JobChange(RunOptions):
    """What is left out stays as it is. `******` stands for the secret that it stood for in the job as it was read."""

    name: Name | None = None
    job: submission.Job | None = None
    description: Description | None = None
    params: dict[Line, ParameterValue] | None = None
    tags: Tags | None = None
    note: Note = ""

    def applied_to(self, version: SavedJobVersion) -> JobBody:
        """The whole job after the change."""
        given = self.model_dump(exclude_unset=True)
        kept = {name: value for name, value in given.items() if value is not None or name in OPTIONS}
        before = {"name": version.name, "description": version.description, "tags": version.tags, **held(version)}
        return check(JobBody, {**before, **kept})


class RunBody(RunOptions):
    """One run: what is left out is as the job says."""

    params: dict[Line, ParameterValue] = Field(default_factory=dict, description="In place of the job's own values.")
    name: Line | None = Field(default=None, min_length=1, max_length=200, description="The task's name.")
    version: Annotated[int, Field(ge=1, lt=2**31)] | None = Field(
        default=None, description="Which version runs; the newest by default."
    )


class RestoreBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1, lt=2**31, description="The version to make the newest again.")
    note: Note = ""


class JobLinks(BaseModel):
    self: str
    versions: str
    run: str
    export: str


class JobBrief(BaseModel):
    """A saved job in a list."""

    id: str
    name: str
    description: str
    tags: list[str]
    version: int
    created_at: str
    changed_at: str
    changed_by: str | None
    links: JobLinks


class JobPage(BaseModel):
    items: list[JobBrief]
    next_cursor: str | None


class Held(RunOptions):
    """What a version holds; secrets are masked."""

    model_config = ConfigDict(extra="forbid", frozen=False)

    job: str = Field(description="The document's text, secrets masked.")
    params: dict[str, Any]


class JobView(JobBrief, Held):
    """A saved job, as its newest version is."""

    places: list[str] = Field(description="The names that a run must have values for.")
    valid: bool = Field(description="Whether it can be run.")
    problems: list[Finding]


class VersionBrief(BaseModel):
    """A version in a list."""

    number: int
    name: str
    note: str
    restored: int | None = Field(description="The version that it repeats.")
    created_at: str
    created_by: str | None


class VersionView(VersionBrief, Held):
    description: str
    tags: list[str]


class VersionPage(BaseModel):
    items: list[VersionBrief]
    next_cursor: str | None


def brief(job: SavedJob) -> dict[str, Any]:
    copied = ("id", "name", "description", "tags", "version", "changed_by")
    own = url_for("jobs_api.job", job_id=job.id)
    return {
        **{name: getattr(job, name) for name in copied},
        "created_at": clock.iso(job.created_at),
        "changed_at": clock.iso(job.changed_at),
        "links": {"self": own, **{name: f"{own}/{name}" for name in ("versions", "run", "export")}},
    }


def held(version: SavedJobVersion) -> dict[str, Any]:
    """What a version holds, for people: no secret and no ciphertext."""
    return {
        **version.options,
        "job": sealing.shown(version.content),
        "params": sealing.shown_parameters(version.params, version.content),
    }


def version_brief(version: SavedJobVersion) -> dict[str, Any]:
    copied = ("number", "name", "note", "restored", "created_by")
    return {**{name: getattr(version, name) for name in copied}, "created_at": clock.iso(version.created_at)}


def version_view(version: SavedJobVersion) -> dict[str, Any]:
    more = {"description": version.description, "tags": version.tags}
    return {**version_brief(version), **more, **held(version)}

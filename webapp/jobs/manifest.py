"""`jobs.json`: what files of jobs beside it are called, and what their documents do not say. Pure but for its checks."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from webapp.errors import invalid
from webapp.jobs import schemas
from webapp.jobs.models import SavedJobVersion
from webapp.jobs.naming import MANIFEST
from webapp.jobs.schemas import JobBody
from webapp.requests import parse_object
from webapp.tasks.submission import Line

# Which kind of file it is, and how it is written.
KIND = "datax-celery-jobs"
FORMAT = 1
_ABOUT = ("name", "description", "tags", "params")


class Listed(BaseModel):
    """A job whose document lies in `file`."""

    model_config = ConfigDict(extra="allow")

    file: Line = Field(min_length=1, max_length=1000)
    name: Line = Field(min_length=1, max_length=1000)

    def body(self, text: str) -> dict[str, Any]:
        return {**(self.model_extra or {}), "name": self.name, "job": text}


class Manifest(BaseModel):
    model_config = ConfigDict(extra="ignore")

    kind: str = Field(pattern=f"^{KIND}$")
    format: int = Field(ge=1, le=FORMAT)
    jobs: list[Listed]


def read(path: str, content: bytes) -> Manifest | None:
    """None for another file that has the same name. Raises InvalidRequest, BadRequest for a manifest that is broken."""
    if path.rpartition("/")[2].lower() != MANIFEST or KIND.encode() not in content:
        return None
    found = parse_object(content, path)
    if found.get("kind") != KIND:
        return None
    try:
        return Manifest.model_validate(found)
    except ValidationError as error:
        raise invalid(error) from None


def entry(version: SavedJobVersion, file: str) -> dict[str, Any]:
    """What is said of a job. What is as it would be anyway is left out, so that a file that is kept changes little."""
    values = {"description": version.description, "tags": version.tags, **schemas.held(version)}
    del values["job"]
    fields = JobBody.model_fields
    said = {
        name: value for name, value in values.items() if value != fields[name].get_default(call_default_factory=True)
    }
    return {"file": file, "name": version.name, **said}


def written(entries: list[dict[str, Any]]) -> str:
    about = {"kind": KIND, "format": FORMAT, "secrets": "masked"}
    lines = ",\n".join(f"    {json.dumps(each, ensure_ascii=False)}" for each in entries)
    head = json.dumps(about, ensure_ascii=False)[:-1]
    return f'{head}, "jobs": [\n{lines}\n]}}\n' if entries else f'{head}, "jobs": []}}\n'

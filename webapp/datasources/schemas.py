"""What the API reads and answers of data sources. The models are also the OpenAPI document's."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, RootModel, StrictBool, StrictInt

from datax_job import secrets
from datax_job.redaction import MASK, is_secret_name
from webapp.datasources.models import NAME_LENGTH, DataSource

NAME_PATTERN = r"^[\w.-]+$"
MOST_URL = 2000
MOST_OPTIONS = 8000


def _plain(value: str) -> str:
    if "${" in value:
        raise ValueError("a data source holds no ${…}: parameters belong to jobs")
    if any(ord(character) < 32 for character in value):
        raise ValueError("control characters are not allowed")
    return value


def _url(value: str) -> str:
    if not value.lower().startswith("jdbc:"):
        raise ValueError("expected a JDBC URL, such as jdbc:mysql://HOST:3306/DATABASE")
    if secrets.credentials(value):
        raise ValueError("the password does not belong into the URL, which everybody may see")
    return _plain(value)


def _options(value: dict[str, Any]) -> dict[str, Any]:
    for name in value:
        if is_secret_name(name) or name in ("username", "jdbcUrl", "connection", "datasource"):
            raise ValueError(f"{name!r} is not for options")
    if len(_plain(json.dumps(value))) > MOST_OPTIONS:
        raise ValueError(f"expected at most {MOST_OPTIONS} characters")
    return value


Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH, pattern=NAME_PATTERN)]
Family = Annotated[
    str,
    Field(
        min_length=1,
        max_length=32,
        pattern=r"^[A-Za-z0-9]+$",
        description="How the names of its plugins begin: `mysql`.",
    ),
]
Url = Annotated[str, Field(max_length=MOST_URL), AfterValidator(_url)]
User = Annotated[str, Field(max_length=200), AfterValidator(_plain)]
Password = Annotated[str, Field(max_length=4000, description="Never shown again.")]
Option = str | StrictInt | float | StrictBool | list[str]
Options = Annotated[
    dict[str, Option], AfterValidator(_options), Field(description="Further parameters of the plugin; a job's own win.")
]


class DataSourceBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name
    family: Family
    jdbc_url: Url
    username: User = ""
    password: Password = ""
    options: Options = {}


class DataSourceChange(BaseModel):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    family: Family | None = None
    jdbc_url: Url | None = None
    username: User | None = None
    password: Password | None = Field(default=None, description=f"Left out, or `{MASK}`: as it is.")
    options: Options | None = None


class DataSourceView(BaseModel):
    name: str
    family: str
    jdbc_url: str
    username: str
    password: str = Field(description="A mask, or empty where there is none.")
    options: dict[str, Any]
    created_at: AwareDatetime
    changed_at: AwareDatetime


class DataSourceList(RootModel[list[DataSourceView]]):
    pass


class Tested(BaseModel):
    ok: bool
    message: str


def view(source: DataSource) -> dict[str, Any]:
    """A data source as anybody may see it."""
    shown = DataSourceView(
        **{name: getattr(source, name) for name in DataSourceView.model_fields if name != "password"},
        password=MASK if source.password else "",
    )
    return shown.model_dump(mode="json")

"""What the API answers of plugins."""

from typing import Any, Literal

from pydantic import BaseModel, Field

Kind = Literal["reader", "writer", "transformer"]


class ParameterView(BaseModel):
    """A member of an object. `types` are all that are understood, the usual one first."""

    name: str
    description: str
    types: list[str]
    required: bool
    default: Any = Field(description="What holds where it is not given; null where nothing does.")
    choices: list[str] = Field(
        description="All that is accepted; one that ends in `*` is a beginning. Empty: anything."
    )
    members: list["ParameterView"] = Field(description="Those of the object, or of each object of the list.")


class PluginView(BaseModel):
    name: str
    kind: Kind
    family: str | None = Field(description="What it belongs to; null for a plugin that only an installed engine knows.")
    description: str
    open: bool = Field(description="Whether it takes further parameters, which are not listed.")
    engines: list[str] = Field(description="The engines of this server and its workers that have it.")
    parameters: list[ParameterView]
    template: dict[str, Any] = Field(description="Its part of a new document: what is required and what is usual.")


class Catalogue(BaseModel):
    """Every plugin that is known here, and what a document says besides."""

    plugins: list[PluginView]
    document: list[ParameterView] = Field(description="The members of the document above its plugins' parameters.")

"""The JSON API of one's own API tokens."""

from typing import Annotated, Any

from flask_openapi import APIBlueprint
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from webapp import clock
from webapp.accounts import tokens
from webapp.accounts.guard import account_id, caller, owners
from webapp.accounts.models import ApiToken
from webapp.accounts.roles import Scope
from webapp.requests import declared

_problem = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}}

blueprint = APIBlueprint(
    "tokens",
    __name__,
    url_prefix="/api",
    abp_security=[{"token": []}],
    abp_responses={
        "401": {"description": "Authentication is needed", **_problem},
        "403": {"description": "The role or the token's scopes do not allow it", **_problem},
        "422": {"description": "The request is not valid", **_problem},
        "429": {"description": "Too many requests; `Retry-After` says when", **_problem},
    },
)


def _ahead(moment: Any) -> Any:
    if moment <= clock.now():
        raise ValueError("this time has passed already")
    return moment


class TokenBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$", description="What it is for.")
    scopes: list[Scope] = Field(min_length=1, max_length=3, description="Among those of the caller's own token.")
    expires_at: Annotated[AwareDatetime, AfterValidator(_ahead)] | None = Field(
        default=None, description="Null: never."
    )


class TokenView(BaseModel):
    """A token without its secret; `prefix` is how it begins."""

    id: int
    name: str
    prefix: str
    scopes: list[Scope]
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    used_at: AwareDatetime | None


class NewToken(BaseModel):
    token: str = Field(description="The secret. It cannot be seen again.")


class TokenList(BaseModel):
    items: list[TokenView]


class TokenPath(BaseModel):
    token_id: int = Field(ge=1, le=2**31 - 1, description="The token's id.")


@blueprint.get("/tokens", summary="One's own tokens", responses={"200": TokenList})
@owners
@declared
def index() -> dict[str, Any]:
    """Newest first."""
    return {"items": [_view(token) for token in tokens.of(account_id())]}


@blueprint.post(
    "/tokens",
    summary="Make a token",
    responses={
        "201": NewToken,
        "400": {"description": "The request cannot be read", **_problem},
        "413": {"description": "The request is too large", **_problem},
        "415": {"description": "This content type is not accepted", **_problem},
    },
)
@owners
@declared
def create(body: TokenBody) -> tuple[dict[str, str], int]:
    """A token made by a token has no scope that this lacks, and ends no later."""
    return {"token": tokens.create_by(caller(), body.name, frozenset(body.scopes), body.expires_at)}, 201


@blueprint.delete(
    "/tokens/<int(max=2147483647):token_id>",
    summary="Revoke a token",
    responses={"204": None, "404": {"description": "There is no such token", **_problem}},
)
@owners
@declared
def revoke(path: TokenPath) -> tuple[str, int]:
    tokens.revoke(path.token_id, account_id())
    return "", 204


def _view(token: ApiToken) -> dict[str, Any]:
    return TokenView(
        id=token.id,
        name=token.name,
        prefix=token.prefix,
        scopes=[scope for scope in Scope if scope in token.scopes],
        created_at=token.created_at,
        expires_at=token.expires_at,
        used_at=token.used_at,
    ).model_dump(mode="json")

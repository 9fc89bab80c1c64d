"""How the API's contract describes calls that are refused."""

from typing import Any

PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}}

_REASONS = {
    400: "The request cannot be read",
    401: "Authentication is needed",
    403: "The role or the token's scopes do not allow it",
    404: "There is nothing of that name here",
    409: "Not possible in this state",
    410: "It was there, and has been deleted",
    412: "Somebody has changed it since",
    413: "The request or the document is too large",
    415: "This content type is not accepted",
    422: "The request is not valid",
    428: "`If-Match` must say which version is changed",
    429: "Too many requests; `Retry-After` says when",
    503: "Not available now",
}


def refusals(*statuses: int) -> dict[Any, Any]:
    """The OpenAPI answers with these status codes."""
    return {str(status): {"description": _REASONS[status], **PROBLEM} for status in statuses}

"""How the API reads a request: declared pydantic models, checked strictly, refused with a problem document."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from webapp.errors import BadRequest, UnsupportedMediaType, invalid

Model = TypeVar("Model", bound=BaseModel)
View = Callable[..., Any]

JSON_TYPES = {"application/json"}


def declared(view: View) -> View:
    """Check path, query, header and JSON body by the models in a view's annotations, and hand these on.

    flask-openapi reads the same annotations for the document. Its own check builds each model's schema anew at every
    request, which a poll cannot afford, and reads a broken body as an empty one; the mark tells it that the view checks.
    """
    models = {name: model for name, model in view.__annotations__.items() if name in _SOURCES}

    @wraps(view)
    def checked(**path: Any) -> Any:
        return view(**{name: check(model, _SOURCES[name](path)) for name, model in models.items()})

    checked.__delay_validate_request__ = True  # type: ignore[attr-defined]
    return checked


def check(model: type[Model], values: dict[str, Any]) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid(error) from None


def json_object() -> dict[str, Any]:
    """The request's JSON body. Raises UnsupportedMediaType, and BadRequest for what is not one strict JSON object."""
    if request.mimetype not in JSON_TYPES:
        raise UnsupportedMediaType(
            f"Content-Type {request.mimetype or '(none)'!r} is not accepted; send application/json."
        )
    return parse_object(request.get_data(), "the body")


def parse_object(data: bytes, what: str) -> dict[str, Any]:
    """Strict JSON: no NaN, no key twice, an object at the top. Raises BadRequest."""
    try:
        value = json.loads(data, parse_constant=_no_constant, object_pairs_hook=_no_key_twice)
    except RecursionError:
        raise BadRequest(f"{what} is nested too deep") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise BadRequest(f"{what} is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadRequest(f"{what} is a JSON {type(value).__name__}; expected an object")
    return value


def _single_values() -> dict[str, str]:
    values: dict[str, str] = {}
    if not request.query_string:
        return values
    for name, given in request.args.lists():
        if len(given) > 1:
            raise BadRequest(f"the query parameter {name!r} is given {len(given)} times; give it once")
        values[name] = given[0]
    return values


_SOURCES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "path": lambda path: path,
    "query": lambda path: _single_values(),
    "header": lambda path: dict(request.headers),
    "body": lambda path: json_object(),
}


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found

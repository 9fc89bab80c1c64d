"""Every route of the application as a call that can be made: the tests that must hold for all of them are generated from it."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule as Route

from webapp.accounts import guard

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    endpoint: str
    access: guard.Access | None

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def calls(app: Flask) -> list[Call]:
    """Each method of each route, with numbers and names in its path that nothing has."""
    return sorted(_calls(app), key=str)


def _calls(app: Flask) -> Iterator[Call]:
    for route in app.url_map.iter_rules():
        for method in sorted((route.methods or set()) & {"GET", *UNSAFE}):
            yield Call(method, _path(app, route), route.endpoint, guard.rule_of(app, route.endpoint))


def _path(app: Flask, route: Route) -> str:
    values = {name: _value(converter) for name, converter in route._converters.items()}
    _, path = route.build(values, append_unknown=False) or ("", route.rule)
    return path


def _value(converter: object) -> str | int:
    return 999999 if type(converter).__name__ == "IntegerConverter" else "nothing"

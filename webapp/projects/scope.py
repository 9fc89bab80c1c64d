"""Which project a piece of work is about. Every request is about one: its token's, or the one chosen for its session."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flask import g, has_request_context
from flask_babel import gettext as _
from sqlalchemy.exc import DontWrapMixin

from webapp.errors import Forbidden
from webapp.projects.models import DEFAULT

# Of somebody who belongs to no project. Nothing has this number.
NONE = 0

# What a command of this machine is about, where it says so.
_of_command: ContextVar[int | None] = ContextVar("project_of_command", default=None)


class NoProject(Forbidden, DontWrapMixin):
    """Raised as it is, also where a new row asks for its project."""


def current() -> int | None:
    """The project whose tasks may be seen; None outside of requests, where workers and commands see all unless they say `within`."""
    if not has_request_context():
        return _of_command.get()
    caller = g.get("caller")
    return NONE if caller is None else int(caller.project_id)


@contextmanager
def within(project_id: int) -> Iterator[None]:
    """A command's work on one project."""
    token = _of_command.set(project_id)
    try:
        yield
    finally:
        _of_command.reset(token)


def sees(project_id: int) -> bool:
    return current() in (None, project_id)


def for_new() -> int:
    """The project that something new belongs to. Raises Forbidden for who belongs to none."""
    project_id = current()
    if project_id == NONE:
        raise NoProject(_("You belong to no project yet: an admin can add you to one."))
    return project_id or DEFAULT

"""Data sources: make, change, delete and look up. Passwords are sealed here, and opened only for a worker or a test."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from datax_job.problem import Text
from datax_job.redaction import MASK
from engines.base import EngineError
from webapp import clock, signals
from webapp.datasources import references
from webapp.datasources.models import DataSource
from webapp.datasources.references import Connection
from webapp.datasources.schemas import DataSourceBody, DataSourceChange
from webapp.errors import Conflict, InvalidRequest, NotFound
from webapp.extensions import db
from webapp.projects import scope
from webapp.projects.models import DEFAULT
from webapp.sealing import cli
from webapp.sealing.keys import CannotOpen, Keyring

# The project of the task that a worker runs; a request says by itself which project it is about.
_of_task: ContextVar[int] = ContextVar("project_of_task", default=DEFAULT)


@contextmanager
def within(project_id: int) -> Iterator[None]:
    """Look data sources up in the project of a task."""
    token = _of_task.set(project_id)
    try:
        yield
    finally:
        _of_task.reset(token)


def every() -> Sequence[DataSource]:
    return db.session.scalars(
        select(DataSource).where(DataSource.project_id == _project()).order_by(DataSource.name)
    ).all()


def get(name: str) -> DataSource:
    found = _find(name)
    if found is None:
        raise NotFound(f"There is no data source {name!r}.")
    return found


def masked(name: str) -> Connection | None:
    """A data source as the check of a document sees it: whole, but for its password."""
    found = _find(name)
    return None if found is None else _connection(found, MASK)


def opened(name: str) -> Connection | None:
    """A data source with its password, for the process that connects. Raises EngineError when the key is not here."""
    found = _find(name)
    if found is None:
        return None
    try:
        return _connection(found, _keys().open(found.password) if found.password else "")
    except CannotOpen as error:
        raise EngineError(error.code, Text(str(error)), Text(error.hint)) from None


def create(body: DataSourceBody) -> DataSource:
    """Raises Conflict when the name is taken."""
    source = DataSource(**body.model_dump(exclude={"password"}), password=_sealed(body.password))
    db.session.add(source)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise Conflict(f"There is a data source {body.name!r} already.") from None
    signals.tell("datasource.created", source.name, jdbc_url=source.jdbc_url)
    return source


def change(name: str, body: DataSourceChange) -> DataSource:
    """What is not given stays, the password too; but it does not follow to another server or user. Raises NotFound."""
    source = get(name)
    given: dict[str, Any] = body.model_dump(exclude_unset=True, exclude_none=True)
    password = given.pop("password", MASK)
    moved = any(
        getattr(source, key) != given.get(key, getattr(source, key)) for key in ("jdbc_url", "username", "family")
    ) or references.addresses(source.options) != references.addresses(given.get("options", source.options))
    if password == MASK and moved and source.password:
        detail = (
            "give the password anew: it is kept only while the URL and other addresses, the user and the family stay"
        )
        raise InvalidRequest(detail, [{"pointer": "/password", "line": None, "detail": detail}])
    for key, value in given.items():
        setattr(source, key, value)
    if password != MASK:
        source.password = _sealed(password)
    source.changed_at = clock.now()
    db.session.commit()
    signals.tell("datasource.changed", name, fields=", ".join(sorted(body.model_fields_set)))
    return source


def delete(name: str) -> None:
    """Raises NotFound."""
    db.session.delete(get(name))
    db.session.commit()
    signals.tell("datasource.deleted", name)


@cli.keeps_secrets
def seal_anew(keys: Keyring) -> int:
    """Seal every password with the first key. Returns how many data sources there are."""
    for source in db.session.scalars(select(DataSource)):
        source.password = keys.anew(source.password) if source.password else ""
    db.session.commit()
    return db.session.scalar(select(func.count()).select_from(DataSource)) or 0


def _find(name: str) -> DataSource | None:
    if "\x00" in name:
        return None  # PostgreSQL refuses to be asked for it
    return db.session.scalar(select(DataSource).where(DataSource.project_id == _project(), DataSource.name == name))


def _project() -> int:
    current = scope.current()
    return _of_task.get() if current is None else current


def _connection(source: DataSource, password: str) -> Connection:
    return Connection(source.family, source.jdbc_url, source.username, password, source.options)


def _sealed(password: str) -> str:
    return _keys().seal(password) if password else ""


def _keys() -> Keyring:
    keys: Keyring = current_app.extensions["keys"]
    return keys

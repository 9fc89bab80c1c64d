"""A task's document at rest: sealed when it is written, opened only by the worker that runs it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import Row, select

from datax_job.problem import Text
from engines.base import EngineError
from webapp.extensions import db
from webapp.sealing import cli, documents
from webapp.sealing.keys import CannotOpen, Keyring
from webapp.states import State
from webapp.tasks import queries
from webapp.tasks.models import Task, TaskDocument

# So many rows are sealed anew in one transaction.
ROWS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Opened:
    """What was submitted, its secrets in plain."""

    content: bytes
    params: dict[str, Any]


def row(task_id: str, content: bytes, params: dict[str, Any], secrets_of: str | None = None) -> TaskDocument:
    """The document of a new task. It may hold ciphertexts of the task that `secrets_of` names, and no others."""
    keys = _keys()
    kept = _ciphertexts(secrets_of) if secrets_of else frozenset[str]()
    sealed = documents.seal_parameters(keys, params, content, kept)
    return TaskDocument(task_id=task_id, content=documents.seal(keys, content, kept), params=sealed)


def opened(task_id: str) -> Opened:
    """Raises EngineError when the keys are not those that sealed it."""
    keys, found = _keys(), queries.document(task_id)
    try:
        return Opened(documents.opened(keys, found.content), documents.opened_parameters(keys, found.params))
    except CannotOpen as error:
        raise EngineError(error.code, Text(str(error)), Text(error.hint)) from None


@cli.keeps_secrets
def seal_anew(keys: Keyring) -> int:
    """Seal every document with the first key. Returns how many there were. Raises CannotOpen."""
    count, last = 0, ""
    while rows := db.session.scalars(_after(last)).all():
        for row in rows:
            content = documents.anew(keys, row.content.decode("utf-8", "surrogateescape"))
            row.content = content.encode("utf-8", "surrogateescape")
            row.params = {name: _anew(keys, value) for name, value in row.params.items()}
        count, last = count + len(rows), rows[-1].task_id
        db.session.commit()
        db.session.expunge_all()
    return count


def newest_can_be_opened() -> bool:
    """Whether the keys that are here open the newest document: other machines may have sealed it."""
    # One of each state, because there is no index over all of them.
    newest = [_newest(state) for state in State]
    try:
        return all(opened(task.id) for task in sorted(filter(None, newest), key=lambda task: task.created_at)[-1:])
    except EngineError:
        return False


def _newest(state: State) -> Row[str, datetime] | None:
    query = select(Task.id, Task.created_at).where(Task.state == state)
    return db.session.execute(query.order_by(Task.created_at.desc(), Task.id.desc()).limit(1)).first()


def _ciphertexts(task_id: str) -> frozenset[str]:
    found = queries.document(queries.get(task_id).id)
    texts = [found.content.decode("utf-8", "surrogateescape"), *(value for value in found.params.values())]
    return frozenset().union(*(documents.ciphertexts(text) for text in texts if isinstance(text, str)))


def _after(task_id: str) -> Any:
    return select(TaskDocument).where(TaskDocument.task_id > task_id).order_by(TaskDocument.task_id).limit(ROWS_AT_ONCE)


def _anew(keys: Keyring, value: Any) -> Any:
    return documents.anew(keys, value) if isinstance(value, str) else value


def _keys() -> Keyring:
    keys: Keyring = current_app.extensions["keys"]
    return keys

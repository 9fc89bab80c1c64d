"""How much memory a task's engine may take, noted in its row where a limit asks for it."""

from flask import current_app

from engines.base import EngineError
from webapp.config import Settings
from webapp.errors import InvalidRequest, TooLarge
from webapp.sealing.keys import CannotOpen
from webapp.states import TaskType
from webapp.tasks import queries, rows, sealed, submission
from webapp.tasks.models import Task


def note(task_id: str, settings: Settings) -> None:
    """Nothing for a task whose run will only say why it cannot be run."""
    task = queries.find(task_id)
    if settings.worker_memory is None or task is None or task.memory is not None or task.type != TaskType.EXECUTE:
        return
    try:
        wish = _of_engine(task)
    except (InvalidRequest, TooLarge, EngineError, CannotOpen):
        wish = 0
    rows.change(rows.waiting(task_id), memory=wish)


def _of_engine(task: Task) -> int:
    document, engines, policy = (
        sealed.opened(task.id),
        current_app.extensions["engines"],
        current_app.extensions["policy"],
    )
    job, engine = submission.runnable(document.content, document.params, task.requested_engine, engines, policy)
    wish: int = engine.memory(job)
    return wish

"""`DataXTaskScheduler`: submit DataX jobs and read their results from any Python process that has the settings."""

from functools import cached_property
from typing import Any

from flask import Flask

from webapp import create_app
from webapp.states import State, TaskType
from webapp.tasks import again, queries, service, submission
from webapp.tasks.publishing import publish

__all__ = ["DataXTaskScheduler", "TaskResult", "TaskTypeMismatch"]


class TaskTypeMismatch(Exception):
    """An execute task was looked up as a validate task, or the other way round."""


class TaskResult:
    """What is known of a task at the moment of the look-up; look it up again for news.

    `state` is Celery's (PENDING, STARTED, RETRY, SUCCESS, FAILURE, REVOKED). `result` is None until `ready()`; then an
    execute task's is the dict `{"success", "exit_code", "stdout", "stderr"}`, a validate task's True or False.
    """

    def __init__(self, task_id: str, found: queries.Delivered | None) -> None:
        self.id = task_id
        self.task_id = task_id
        self.type = found.type.value if found else None
        self.state = (found.state if found else State.PENDING).value
        self.result: Any = found.parsed() if found and found.ready else None
        self._ready = found is not None and found.ready

    @property
    def status(self) -> str:
        """The same as `state`, as in Celery."""
        return self.state

    def ready(self) -> bool:
        """Whether the task has finished, well or not."""
        return self._ready

    def successful(self) -> bool:
        """Whether it ran and delivered its result, also when that result says that the job failed."""
        return self.state == State.SUCCESS

    def failed(self) -> bool:
        """Whether it could not deliver a result."""
        return self.state == State.FAILURE

    def __repr__(self) -> str:
        return f"<TaskResult {self.id} {self.state}>"


class DataXTaskScheduler:
    """Needs no Flask app context of its caller. Many threads may share one."""

    def __init__(self, app: Flask | None = None) -> None:
        self._given = app

    def execute_datax_job(self, job: dict[str, Any] | str, **options: Any) -> str:
        """Submit a job to run; returns the task's id at once.

        `options` are the fields of the API's submit body: name, params, engine, timeout, retries, queue, priority.
        Raises webapp.errors.InvalidRequest, whose `errors` name each problem and its place.
        """
        return self._submit(TaskType.EXECUTE, job, options)

    def validate_datax_job(self, job: dict[str, Any] | str, **options: Any) -> str:
        """Submit a job to be checked; returns the task's id at once. `deep=True` also connects."""
        return self._submit(TaskType.VALIDATE, job, options)

    def get_task_result(self, task_id: str) -> TaskResult:
        """The result of a task of either type: its row knows which."""
        return self._look_up(task_id, None)

    def get_task_result_by_id(self, task_id: str, task_type: str = "execute") -> TaskResult:
        """The result of a task of the type `execute` or `validate`. Raises TaskTypeMismatch, and ValueError for another type."""
        return self._look_up(task_id, TaskType(task_type))

    def get_execute_datax_job_result(self, task_id: str) -> TaskResult:
        """Raises TaskTypeMismatch for a validate task."""
        return self._look_up(task_id, TaskType.EXECUTE)

    def get_validate_datax_job_result(self, task_id: str) -> TaskResult:
        """Raises TaskTypeMismatch for an execute task."""
        return self._look_up(task_id, TaskType.VALIDATE)

    @cached_property
    def _app(self) -> Flask:
        return self._given or create_app()

    def _submit(self, type: TaskType, job: dict[str, Any] | str, options: dict[str, Any]) -> str:
        with self._app.app_context():
            wanted = again.completed(submission.read({"type": type, "job": job, **options}))
            needs = submission.accept(wanted, self._app.extensions["offers"], self._app.extensions["policy"])
            task = service.submit(wanted, None, needs=needs)
            publish(task)
            return task.id

    def _look_up(self, task_id: str, expected: TaskType | None) -> TaskResult:
        with self._app.app_context():
            found = queries.delivered(str(task_id))
        if found is not None and expected is not None and found.type is not expected:
            raise TaskTypeMismatch(f"task {task_id} is of the type {found.type}, not {expected}")
        return TaskResult(str(task_id), found)

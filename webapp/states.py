"""The words for where a task is and how it ended."""

from enum import StrEnum


class TaskType(StrEnum):
    EXECUTE = "execute"
    VALIDATE = "validate"


class State(StrEnum):
    """Celery's states."""

    PENDING = "PENDING"
    STARTED = "STARTED"
    RETRY = "RETRY"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    REVOKED = "REVOKED"


CLAIMABLE = (State.PENDING, State.RETRY)
FINAL = (State.SUCCESS, State.FAILURE, State.REVOKED)


class Outcome(StrEnum):
    """What a person means. The last two are a validate task's."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    LOST = "lost"
    VALID = "valid"
    INVALID = "invalid"


# The names by which Celery knows the two tasks; the seed guide fixes them.
TASK_NAMES = {TaskType.EXECUTE: "execute_datax_job", TaskType.VALIDATE: "validate_datax_job"}
DEFAULT_QUEUE = "default"

"""How what an engine did becomes a task's ending: pure, so that each case is a line in a table of tests."""

from dataclasses import replace
from typing import Any

from datax_job.diagnosis import explain
from datax_job.problem import Problem, Severity, Text
from datax_job.summary import Failure
from webapp.logs.sinks import Lost
from webapp.results import execute
from webapp.states import Outcome, State
from webapp.tasks.attempts import Ending
from webapp.tasks.following import Followed

# A run that was taken from its worker delivered nothing that anybody could rely on.
_STATES = {Outcome.CANCELLED: State.REVOKED, Outcome.LOST: State.FAILURE}


def of_run(run: Followed, progress: dict[str, Any] | None, failure: Failure | None) -> Ending:
    """The ending of an execute task whose engine ran. One that finished well before our signal reached it has finished well."""
    if run.exit_code == 0 and run.stopped is not Outcome.LOST:
        result = _result(run, success=True, stderr=run.stderr)
        return Ending(
            State.SUCCESS, Outcome.SUCCEEDED, result, progress=progress, exited_at=run.exited_at, spent=run.spent
        )
    error = stopped(run) or _error(run, failure)
    stderr = "\n".join(part for part in (run.stderr.rstrip("\n"), _cause(error)) if part)
    state = _STATES.get(run.stopped, State.SUCCESS) if run.stopped else State.SUCCESS
    result = _result(run, success=False, stderr=stderr)
    outcome = run.stopped or Outcome.FAILED
    return Ending(
        state, outcome, result, error, progress, exited_at=run.exited_at, spent=run.spent, at_once=run.put_back
    )


def stopped(run: Followed) -> dict[str, Any] | None:
    """The error of a process that was stopped: who or what stopped it."""
    return None if run.stopped is None else {"code": run.stopped.value, "message": run.reason, "hint": None}


def not_started(code: str, message: str, hint: str | None) -> Ending:
    """The ending of an execute task whose engine could not be started."""
    error = {"code": code, "message": message, "hint": hint}
    return Ending(State.FAILURE, Outcome.FAILED, execute.without_run(_cause(error)), error)


def unexpected(error: Exception) -> str:
    """What a person is told of an error that nobody foresaw. The worker's log has all of it, also what not everybody may see."""
    return f"The worker could not run it: {getattr(error, 'strerror', None) or type(error).__name__}"


def withdrawn(cancelled_by: str | None) -> Ending:
    """The ending of an execute task that was cancelled, or taken from its worker, before its engine was started."""
    if cancelled_by is None:
        error = {"code": "lost", "message": "It was taken from its worker before its engine was started.", "hint": None}
        return Ending(State.FAILURE, Outcome.LOST, execute.without_run(_cause(error)), error)
    error = {
        "code": "cancelled",
        "message": f"Cancelled by {cancelled_by} before its engine was started.",
        "hint": None,
    }
    return Ending(State.REVOKED, Outcome.CANCELLED, execute.without_run(_cause(error)), error)


def refused(message: str, errors: list[dict[str, Any]]) -> Ending:
    """The ending of an execute task whose document cannot be run. `errors` are those of the refusal."""
    places = ("pointer", "line", "column")
    problems = [
        {**{key: found.get(key) for key in places}, "severity": "error", "message": found["detail"]} for found in errors
    ]
    error = {"code": "invalid-job", "message": message, "hint": None}
    return Ending(State.SUCCESS, Outcome.FAILED, execute.without_run(message, exit_code=1), error, problems=problems)


def with_log(ending: Ending, lost: Lost) -> Ending:
    """The same ending, with a warning when its log is cut because the store did not take all of it."""
    if not lost.count:
        return ending
    text = "%(count)s bytes of this run's log could not be stored: %(reason)s"
    cut = Problem("", Text(text, {"count": lost.count, "reason": lost.reason}), Severity.WARNING)
    return replace(ending, problems=[*ending.problems, cut.as_dict()])


def _error(run: Followed, failure: Failure | None) -> dict[str, Any]:
    code, said = (failure.code, failure.message) if failure else (None, None)
    found = explain(code, said or "\n".join(run.stderr.splitlines()[-20:]), run.exit_code)
    return {"code": code or found.code, "message": said or found.cause["en"], "hint": found.hint["en"]}


def _cause(error: dict[str, Any]) -> str:
    return "\n".join(part for part in (f"[{error['code']}] {error['message']}", error["hint"]) if part)


def _result(run: Followed, *, success: bool, stderr: str) -> execute.ExecuteResult:
    return execute.ExecuteResult(success=success, exit_code=run.exit_code, stdout=run.stdout, stderr=stderr)

"""How what an engine did becomes a task's ending: pure, so that each case is a line in a table of tests."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from datax_job.diagnosis import explain
from webapp.results import execute
from webapp.states import Outcome, State
from webapp.tasks.service import Ending


@dataclass(frozen=True, slots=True)
class Run:
    """What is known once an engine process has ended. `stopped` says why we stopped it, if we did."""

    exit_code: int
    stdout: str
    stderr: str
    progress: dict[str, Any] | None
    code: str | None = None
    message: str | None = None
    stopped: Outcome | None = None
    reason: str | None = None
    exited_at: datetime | None = None


def of_run(run: Run) -> Ending:
    """The ending of an execute task whose engine ran. One that finished well before our signal reached it has finished well."""
    if run.exit_code == 0 and run.stopped is not Outcome.LOST:
        result = _result(run, success=True, stderr=run.stderr)
        return Ending(State.SUCCESS, Outcome.SUCCEEDED, result, progress=run.progress, exited_at=run.exited_at)
    error = _error(run)
    stderr = "\n".join(part for part in (run.stderr.rstrip("\n"), _cause(error)) if part)
    state = State.REVOKED if run.stopped is Outcome.CANCELLED else State.SUCCESS
    return Ending(
        state,
        run.stopped or Outcome.FAILED,
        _result(run, success=False, stderr=stderr),
        error,
        run.progress,
        exited_at=run.exited_at,
    )


def not_started(code: str, message: str, hint: str | None) -> Ending:
    """The ending of an execute task whose engine could not be started."""
    error = {"code": code, "message": message, "hint": hint}
    return Ending(State.FAILURE, Outcome.FAILED, execute.without_run(_cause(error)), error)


def refused(message: str, errors: list[dict[str, Any]]) -> Ending:
    """The ending of an execute task whose document cannot be run. `errors` are those of the refusal."""
    places = ("pointer", "line", "column")
    problems = [
        {**{key: found.get(key) for key in places}, "severity": "error", "message": found["detail"]} for found in errors
    ]
    error = {"code": "invalid-job", "message": message, "hint": None}
    return Ending(State.SUCCESS, Outcome.FAILED, execute.without_run(message, exit_code=1), error, problems=problems)


def _error(run: Run) -> dict[str, Any]:
    if run.stopped is not None:
        return {"code": run.stopped.value, "message": run.reason, "hint": None}
    found = explain(run.code, run.message or "\n".join(run.stderr.splitlines()[-20:]), run.exit_code)
    message = run.message or found.cause["en"]
    return {"code": run.code or found.code, "message": message, "hint": found.hint["en"]}


def _cause(error: dict[str, Any]) -> str:
    return "\n".join(part for part in (f"[{error['code']}] {error['message']}", error["hint"]) if part)


def _result(run: Run, *, success: bool, stderr: str) -> execute.ExecuteResult:
    return execute.ExecuteResult(success=success, exit_code=run.exit_code, stdout=run.stdout, stderr=stderr)

"""The recipe of a validate task: the static check, and with `deep` a look at the real tables."""

from flask import current_app

from datax_job import document as documents
from datax_job.problem import DocumentError, Problem, Severity
from webapp.states import Outcome, State
from webapp.tasks import queries, service, submission
from webapp.tasks.models import Task
from webapp.tasks.service import Ending


def run(task: Task) -> None:
    """Check the task's document; the answer is the result, the problems are kept on the task."""
    document = queries.document(task.id)
    problems = find(document.content, document.params, task.requested_engine)
    valid = not any(problem.severity is Severity.ERROR for problem in problems)
    outcome = Outcome.VALID if valid else Outcome.INVALID
    service.finish(task, Ending(State.SUCCESS, outcome, valid, problems=[problem.as_dict() for problem in problems]))


def find(content: bytes, params: dict[str, submission.ParameterValue] | None, engine: str = "auto") -> list[Problem]:
    """Everything wrong with a document. `params=None` means that they are not known yet, so `${name}` is allowed."""
    try:
        document = documents.parse(content)
    except DocumentError as error:
        return error.problems
    engines, roots = current_app.extensions["engines"], current_app.config["SETTINGS"].roots
    return submission.problems_of(document, params, engine, engines, roots)

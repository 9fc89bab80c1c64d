"""A task made of another one that somebody has edited: the form filled with it, and its secrets kept without being shown."""

from datax_job.problem import DocumentError
from webapp.errors import InvalidRequest
from webapp.sealing import documents, editing
from webapp.tasks import queries, submission
from webapp.tasks.form import MORE, Typed
from webapp.tasks.submission import Submission


def typed(task_id: str) -> Typed:
    """The form as it was filled for a task, with masks in place of secrets. Raises NotFound."""
    task, document = queries.get(task_id), queries.document(task_id)
    params = documents.shown_parameters(document.params, document.content)
    fields = {name: str(value) for name in MORE if (value := getattr(task, name, None)) is not None}
    return Typed(
        documents.shown(document.content),
        {**fields, "type": task.type, "engine": task.requested_engine, "name": task.name or "", "secrets_of": task_id},
        deep=task.deep,
        rows=tuple((name, submission.parameters_text(value)) for name, value in params.items()),
    )


def completed(wanted: Submission) -> Submission:
    """With the ciphertext of the task that `secrets_of` names in place of masks. Raises InvalidRequest."""
    if wanted.secrets_of is None:
        return wanted
    if queries.find(wanted.secrets_of) is None:
        said = f"secrets_of: there is no task {wanted.secrets_of!r} here."
        raise InvalidRequest(said, [{"pointer": "/secrets_of", "line": None, "detail": said}])
    before = queries.document(wanted.secrets_of)
    edited, job_before = (each.content.decode("utf-8", "surrogateescape") for each in (wanted, before))
    if documents.LOOKS_SEALED.search(edited):
        raise InvalidRequest("A document that keeps the secrets of a task may hold no ciphertext of its own.")
    try:
        job = editing.completed(edited, job_before)
        params = editing.completed_parameters(wanted.params, before.params, job, job_before)
    except DocumentError as error:
        raise submission.refused(error.problems) from None
    return wanted.model_copy(update={"job": job, "params": params})

"""The contract: schemathesis looks for an answer that breaks it, or for a 5xx."""

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.conftest import stream
from webapp.accounts import service as accounts
from webapp.accounts import tokens
from webapp.jobs import service as jobs
from webapp.jobs.schemas import JobBody
from webapp.results.execute import ExecuteResult
from webapp.states import Outcome, State
from webapp.tasks import attempts, service
from webapp.tasks.attempts import Ending
from webapp.tasks.submission import Submission

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


CALLS = (
    "POST /api/tasks",
    "GET /api/tasks",
    "GET /api/tasks/{task_id}",
    "GET /api/tasks/{task_id}/result",
    "GET /api/tasks/{task_id}/attempts",
    "GET /api/tasks/{task_id}/log",
    "GET /api/tasks/{task_id}/log/search",
    "GET /api/tasks/{task_id}/progress",
    "POST /api/tasks/{task_id}/cancel",
    "POST /api/tasks/{task_id}/rerun",
    "POST /api/tasks/cancel",
    "POST /api/tasks/rerun",
    "GET /api/jobs",
    "POST /api/jobs",
    "GET /api/jobs/{job_id}",
    "PATCH /api/jobs/{job_id}",
    "DELETE /api/jobs/{job_id}",
    "GET /api/jobs/{job_id}/versions",
    "GET /api/jobs/{job_id}/versions/{number}",
    "POST /api/jobs/{job_id}/restore",
    "POST /api/jobs/{job_id}/run",
    "POST /api/jobs/import",
    "GET /api/jobs/export",
    "GET /api/jobs/{job_id}/export",
    "POST /api/check",
    "GET /api/engines",
    "GET /api/plugins",
    "GET /api/workers",
    "GET /api/queues",
    "POST /api/queues/{name}/pause",
    "POST /api/queues/{name}/resume",
    "GET /api/datasources",
    "POST /api/datasources",
    "GET /api/datasources/{name}",
    "PATCH /api/datasources/{name}",
    "DELETE /api/datasources/{name}",
    "POST /api/datasources/{name}/test",
    "GET /api/tokens",
    "POST /api/tokens",
    "DELETE /api/tokens/{token_id}",
    "GET /healthz",
    "GET /readyz",
)


@pytest.fixture
def headers(app: Flask) -> dict[str, str]:
    """A token, on a database with a task that waits and one that is done."""
    service.submit(Submission(job=stream(1)), None, task_id="waiting")
    service.submit(Submission(job=stream(1)), None, task_id="done")
    task = attempts.claim("done", "worker")
    assert task is not None
    result = ExecuteResult(success=True, exit_code=0, stdout="out", stderr="")
    attempts.finish(task, Ending(State.SUCCESS, Outcome.SUCCEEDED, result))
    token = tokens.create(accounts.account_named("admin"), "schemathesis")
    return {
        # Calls go to the application itself, which leaves nobody between them to unpack an answer.
        "Accept-Encoding": "identity",
        "Authorization": f"Bearer {token}",
    }


@pytest.fixture
def kept(app: Flask) -> str:
    """A saved job with two versions."""
    job_id = jobs.create(JobBody(name="kept", job=stream(1)), "admin").id
    return jobs.change(job_id, JobBody(name="kept", job=stream(2)), "admin").id


@pytest.mark.parametrize("call", CALLS)
def test_no_answer_breaks_the_contract(call: str, app: Flask, headers: dict[str, str], kept: str) -> None:
    method, path = call.split()
    operation = schemathesis.openapi.from_wsgi("/api/openapi.json", app)[path][method]

    @given(case=operation.as_strategy(), task_id=st.sampled_from(["done", "waiting", None]))
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    def holds(case: schemathesis.Case, task_id: str | None) -> None:
        if task_id is not None and "task_id" in (case.path_parameters or {}):
            case.path_parameters["task_id"] = task_id
        if task_id == "done" and "job_id" in (case.path_parameters or {}):
            case.path_parameters["job_id"] = kept
            case.headers["If-Match"] = "*"
        if case.query:
            case.query.pop("wait", None)
        # Without a broker the answer of /readyz is 503, as the contract says.
        checks = CHECKS if path != "/readyz" else CHECKS[1:]
        case.validate_response(case.call(headers=headers), checks=checks)

    holds()


def test_the_contract_names_every_call(app: Flask) -> None:
    spec = app.test_client().get("/api/openapi.json").json
    calls = {f"{method.upper()} {path}" for path, item in spec["paths"].items() for method in item}
    assert calls == set(CALLS)
    assert spec["openapi"].startswith("3.1")


def test_every_refusal_of_the_contract_is_a_problem_document(app: Flask) -> None:
    spec = app.test_client().get("/api/openapi.json").json
    refused = [
        (path, verb, code)
        for path, calls in spec["paths"].items()
        for verb, call in calls.items()
        for code, answer in call["responses"].items()
        if code.startswith("4") and "application/problem+json" not in answer.get("content", {})
    ]
    assert refused == []


def test_the_page_tells_once_what_every_call_with_a_token_may_answer(app: Flask) -> None:
    page = app.test_client().get("/api/docs").text
    assert page.count("Too many requests") == 1 and page.count("Authentication is needed") == 1
    assert page.count("The request is not valid") > 1

"""The worker judges anew: what slipped past the submit, or became wrong since, is not run."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import stream
from tests.security.jobs import database, job
from webapp.tasks import attempts, queries, runner, service
from webapp.tasks.models import Task
from webapp.tasks.submission import Submission


def run_unseen(app: Flask, document: dict[str, Any], **fields: Any) -> Task:
    """Run what nobody has accepted, as a message straight from Celery or a row written by hand would have it."""
    task = service.submit(Submission(job=document, **fields), None)
    claimed = attempts.claim(task.id, "worker", app.config["SETTINGS"])
    assert claimed is not None
    runner.run(claimed)
    return queries.get(task.id)


@pytest.mark.parametrize(
    ("document", "setting"),
    [
        (job(transformer=[{"name": "dx_groovy", "parameter": {"code": "x"}}]), "ALLOWED_TRANSFORMERS"),
        (database("jdbc:mysql://127.0.0.1/x?autoDeserialize=true"), "ALLOWED_URL_PARAMETERS"),
        (database("jdbc:mysql://169.254.169.254/x"), "DENIED_HOSTS"),
        (stream(1, path="/etc", fileName="x"), "FILE_ROOTS"),
    ],
)
def test_what_was_never_accepted_does_not_run(app: Flask, document: dict[str, Any], setting: str) -> None:
    task = run_unseen(app, document)
    assert task.outcome == "failed" and task.launched_at is None
    assert task.error is not None and task.error["code"] == "invalid-job" and setting in task.error["message"]


def test_a_folder_that_became_a_link_since_the_submit_is_refused(app: Flask, tmp_path: Path) -> None:
    root = app.config["SETTINGS"].roots[0]
    document = stream(1, path=str(root / "out"), fileName="x")
    (root / "out").mkdir()
    task = service.submit(Submission(job=document), None)
    (root / "out").rmdir()
    (root / "out").symlink_to(tmp_path)
    claimed = attempts.claim(task.id, "worker", app.config["SETTINGS"])
    assert claimed is not None
    runner.run(claimed)
    found = queries.get(task.id)
    assert found.error is not None and "FILE_ROOTS" in found.error["message"]
    assert list(tmp_path.glob("x*")) == []


def test_a_rule_that_came_since_the_submit_holds(make_app: Any) -> None:
    app = make_app(DENIED_PLUGINS="streamwriter")
    with app.app_context():
        task = run_unseen(app, stream(1))
        assert task.error is not None and "DENIED_PLUGINS" in task.error["message"]


def test_a_document_sealed_with_a_lost_key_says_so(app: Flask) -> None:
    document = database("jdbc:mysql://127.0.0.1/x")
    task = service.submit(Submission(job=document), None)
    keys = app.config["SETTINGS"].var_dir / "encryption_keys"
    keys.unlink()
    claimed = attempts.claim(task.id, "worker", app.config["SETTINGS"])
    assert claimed is not None
    runner.run(claimed)
    error = queries.get(task.id).error
    assert error is not None and error["code"] == "sealed" and "ENCRYPTION_KEYS" in error["hint"]

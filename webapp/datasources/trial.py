"""Whether a data source can be connected to: a look in a process of its own, held to the same policy as a job."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from flask import current_app

from datax_job import document as documents
from datax_job.masking import Masker
from engines import dryrun, process
from engines.base import EngineError
from webapp.config import Settings
from webapp.datasources import references, service
from webapp.datasources.models import DataSource
from webapp.datasources.schemas import Tested

SECONDS = 20
# The looks that there are.
FAMILIES = ("mysql", "postgresql", "sqlite")


def of(source: DataSource) -> Tested:
    name = f"{source.family}reader"
    reader = {"name": name, "parameter": {references.KEY: source.name, "querySql": ["select 1"]}}
    writer = {"name": "streamwriter", "parameter": {"print": False}}
    job = {"job": {"content": [{"reader": reader, "writer": writer}]}}
    refused = _refused(job)
    if refused or source.family not in FAMILIES:
        return Tested(ok=False, message=refused or f"Only {', '.join(FAMILIES)} can be tested here.")
    try:
        resolved = references.resolved(job, {}, service.opened)
        return _look(resolved, resolved["job"]["content"][0]["reader"]["parameter"]["password"])
    except EngineError as error:
        return Tested(ok=False, message=str(error))


def _refused(job: dict[str, Any]) -> str | None:
    masked = references.resolved(job, {}, service.masked)
    found = current_app.extensions["policy"].problems(documents.parse(json.dumps(job)), masked)
    return found[0].message if found else None


def _look(job: dict[str, Any], password: str) -> Tested:
    settings: Settings = current_app.config["SETTINGS"]
    folder = Path(tempfile.mkdtemp(prefix="test-", dir=_parent(settings)))
    said: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
    try:
        launch = dryrun.launch(job, folder)
        settings.engine_limits.hand_over(folder)
        with process.start(launch, settings.engine_limits) as child:
            ticks = iter(range(SECONDS))
            code = child.supervise(
                lambda stream, chunk: said[stream].extend(chunk),
                lambda: child.stop(0) if next(ticks, None) is None else None,
                every=1,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if code != 0:
        return Tested(ok=False, message=f"It did not answer within {SECONDS} s." if code < 0 else "The look failed.")
    masker = Masker([password])
    output = (masker.mask(bytes(said["stdout"])) + masker.flush()).decode("utf-8", "replace")
    found = [problem.message for problem in dryrun.read(output)]
    return Tested(ok=not found, message=found[0] if found else "Connected.")


def _parent(settings: Settings) -> Path:
    parent = settings.var_dir / "run"
    parent.mkdir(parents=True, exist_ok=True)
    return parent

"""The embedded engine as the application sees it."""

import json
import os
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

from datax_job.problem import Problem, Text
from engines.base import EngineError, EngineSettings, EngineStatus, Launch
from engines.duckdb.plan import Plan, plan
from engines.duckdb.readers import READERS
from engines.duckdb.transformers import TRANSFORMERS
from engines.duckdb.writers import WRITERS

ROOT = Path(__file__).resolve().parents[2]

# The most that any of the benchmarks' jobs took, of whatever size.
MEMORY_BYTES = 400 * 1024 * 1024


class DuckDBEngine:
    name = "duckdb"

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings

    def status(self) -> EngineStatus:
        return EngineStatus(
            name=self.name,
            available=self._version is not None,
            version=self._version,
            reason=None if self._version else "The Python package duckdb is not installed.",
            readers=tuple(sorted(READERS)),
            writers=tuple(sorted(WRITERS)),
            transformers=tuple(sorted(TRANSFORMERS)),
        )

    @cached_property
    def _version(self) -> str | None:
        from importlib import metadata

        try:
            return metadata.version("duckdb")
        except metadata.PackageNotFoundError:
            return None

    def refusals(self, job: dict[str, Any]) -> list[Problem]:
        return self.refusals_at(self.status(), job)

    def refusals_at(self, status: EngineStatus, job: dict[str, Any]) -> list[Problem]:
        """The same everywhere: this engine's plugins come with it."""
        planned = plan(job)
        return [] if isinstance(planned, Plan) else planned

    def memory(self, job: dict[str, Any]) -> int:
        return MEMORY_BYTES

    def launch(self, job: dict[str, Any], folder: Path) -> Launch:
        path = folder / "job.json"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "w", encoding="utf-8") as file:
                json.dump(job, file, ensure_ascii=False)
        except OSError as error:
            text = Text("The job could not be written for its engine: %(reason)s.", {"reason": error.strerror})
            raise EngineError("JobNotWritten", text, retryable=True) from error
        # -P keeps the working folder off the module path; HOME keeps DuckDB's own files inside the run's folder.
        argv = (sys.executable, "-P", "-m", "engines.duckdb", "--parent", str(os.getpid()), str(path))
        environment = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "LANG": "C.UTF-8"}
        environment |= {"HOME": str(folder), "TMPDIR": str(folder)}
        if self.settings.timezone:
            environment["TZ"] = self.settings.timezone
        return Launch(argv, folder, environment)

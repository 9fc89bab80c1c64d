"""The deep part of a validate task: a look at the real tables and files, and DataX's own dry run of the plugins we do not know."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import current_app

from datax_job.document import Document
from datax_job.problem import Problem, Severity, Text
from datax_job.redaction import secrets
from datax_job.summary import OutputReader
from engines import dryrun
from engines.base import Launch
from webapp.config import Settings
from webapp.logs.store import LogStore
from webapp.states import Outcome
from webapp.tasks.following import Followed, Follower
from webapp.tasks.models import Task
from webapp.tasks.private import private_folder


class Stopped(Exception):
    """The look was cancelled, ran out of time, or was taken from this worker."""

    def __init__(self, run: Followed) -> None:
        super().__init__(run.reason)
        self.run = run


def problems(task: Task, document: Document, filled: dict[str, Any]) -> list[Problem]:
    """What the databases and files say about a job whose static check found no error. Raises Stopped, EngineError."""
    found = list(_looked(task, filled))
    unknown = list(dryrun.unknown_plugins(filled))
    if unknown:
        found += _dry_run(task, filled) if _has_datax(filled) else [_not_looked_at(*each) for each in unknown]
    return [document.problem(each.pointer, each.text, each.severity) for each in found]


def _looked(task: Task, filled: dict[str, Any]) -> Iterator[Problem]:
    run = _follow(task, filled, lambda folder: dryrun.launch(filled, folder), OutputReader())
    if run.exit_code != 0:
        said = (run.stderr.strip().splitlines() or ["it said nothing"])[-1]
        yield Problem("", Text("the look at databases and files failed: %(said)s", {"said": said}))
        return
    yield from dryrun.read(run.stdout)


def _dry_run(task: Task, filled: dict[str, Any]) -> list[Problem]:
    job = copy.deepcopy(filled)
    job["job"].setdefault("setting", {})["dryRun"] = True
    reader = OutputReader()
    run = _follow(task, filled, lambda folder: current_app.extensions["engines"]["datax"].launch(job, folder), reader)
    if run.exit_code == 0:
        return []
    failure = reader.failure
    said = f"[{failure.code}] {failure.message}" if failure else f"exit code {run.exit_code}"
    return [Problem("", Text("DataX's own dry run failed: %(said)s", {"said": said}))]


def _follow(task: Task, job: dict[str, Any], launch: Callable[[Path], Launch], reader: OutputReader) -> Followed:
    settings: Settings = current_app.config["SETTINGS"]
    store: LogStore = current_app.extensions["logs"]
    with store.writer(task.id, task.attempt) as writer, private_folder(settings) as folder:
        run = Follower(task, settings, writer, secrets(job), reader.feed).follow(launch(folder))
    reader.finish()
    if run.stopped is not None and (run.exit_code != 0 or run.stopped is Outcome.LOST):
        raise Stopped(run)
    return run


def _has_datax(filled: dict[str, Any]) -> bool:
    engine = current_app.extensions["engines"]["datax"]
    return engine.status().available and not engine.refusals(filled)


def _not_looked_at(pointer: str, plugin: str) -> Problem:
    template = "%(plugin)s could not be looked at: that takes DataX with this plugin, and DATAX_HOME does not have it"
    return Problem(pointer, Text(template, {"plugin": plugin}), Severity.WARNING)

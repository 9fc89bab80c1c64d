"""The recipe of an execute task, from a won row to its ending."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import current_app

from datax_job.redaction import secrets
from datax_job.summary import OutputReader
from engines.base import Engine, EngineError
from webapp.config import Settings
from webapp.datasources.service import opened, within
from webapp.errors import InvalidRequest, TooLarge
from webapp.logs.store import LogStore
from webapp.logs.writer import LogWriter
from webapp.tasks import attempts, outcome, rows, sealed, submission
from webapp.tasks.attempts import Ending
from webapp.tasks.following import Follower
from webapp.tasks.models import Task
from webapp.tasks.private import private_folder
from webapp.tasks.samples import Series

log = logging.getLogger(__name__)


def run(task: Task) -> None:
    """1. Resolve the document; 2. choose the engine; 3. start it in a private folder; 4. follow it; 5. store what it said."""
    settings: Settings = current_app.config["SETTINGS"]
    store: LogStore = current_app.extensions["logs"]
    with store.writer(task.id, task.attempt) as writer:
        try:
            ending = _run(task, settings, writer)
        except (InvalidRequest, TooLarge) as error:
            ending = outcome.refused(error.detail, error.errors)
        except EngineError as error:
            ending = outcome.not_started(error.code, str(error), str(error.hint) if error.hint else None)
        except (
            Exception
        ) as error:  # whatever it is: who waits for the task is told at once, and not when it counts as lost
            log.exception("task %s could not be run", task.id)
            ending = outcome.not_started("worker-error", outcome.unexpected(error), None)
        if ending.error is not None:
            writer.line(f"[{ending.error['code']}] {ending.error['message']}")
    ending = outcome.with_log(ending, writer.lost)
    if rows.patiently(lambda: attempts.finish(task, ending)) is None:
        log.warning("task %s was taken away from this worker, so its result is dropped", task.id)


def _run(task: Task, settings: Settings, writer: LogWriter) -> Ending:
    job, engine = rows.patiently(lambda: _resolved(task))
    reader = OutputReader()
    with private_folder(settings) as folder:
        launch = engine.launch(job, folder)
        # Nothing starts before the row has said that it is still wanted here.
        beat = rows.patiently(lambda: attempts.beat(task.id, task.attempt, None, engine.name))
        if not beat.ours or beat.cancelled_by is not None:
            return outcome.withdrawn(beat.cancelled_by)
        series = Series()
        follower = Follower(
            task, settings, writer, secrets(job), listening(reader, series), lambda: reader.progress, series
        )
        followed = follower.follow(launch)
    reader.finish()
    series.add(reader.progress, last=True)
    return replace(outcome.of_run(followed, reader.progress, reader.failure), samples=series.whole())


def _resolved(task: Task) -> tuple[dict[str, Any], Engine]:
    """The job with its parameters and data sources in it, and the engine that takes it."""
    document = sealed.opened(task.id)
    engines, policy = current_app.extensions["engines"], current_app.extensions["policy"]
    with within(task.project_id):
        return submission.runnable(document.content, document.params, task.requested_engine, engines, policy, opened)


def listening(reader: OutputReader, series: Series) -> Callable[[bytes], None]:
    """What takes the engine's output, and tells the series how many channels there are."""

    def listen(chunk: bytes) -> None:
        reader.feed(chunk)
        series.channels = reader.channels

    return listen

"""The recipe of an execute task, from a won row to its ending."""

import logging
import shutil
import tempfile
from pathlib import Path
from time import monotonic

from flask import current_app

from datax_job.redaction import Masker, secrets
from datax_job.summary import OutputReader
from engines import process
from engines.base import EngineError, Launch
from webapp import clock
from webapp.config import Settings
from webapp.errors import InvalidRequest, TooLarge
from webapp.logs.store import LogStore, LogWriter
from webapp.results.execute import HeadAndTail
from webapp.states import Outcome
from webapp.tasks import outcome, queries, service, submission
from webapp.tasks.models import Task
from webapp.tasks.service import Ending

log = logging.getLogger(__name__)

# How often a running task renews its claim, stores its progress and learns that it is to be cancelled.
BEAT_SECONDS = 1.0

STREAMS = ("stdout", "stderr")


def run(task: Task) -> None:
    """1. Resolve the document; 2. choose the engine; 3. start it in a private folder; 4. follow it; 5. store what it said."""
    settings: Settings = current_app.config["SETTINGS"]
    store: LogStore = current_app.extensions["logs"]
    with store.writer(task.id) as writer:
        try:
            ending = _run(task, settings, writer)
        except (InvalidRequest, TooLarge) as error:
            ending = outcome.refused(error.detail, error.errors)
        except EngineError as error:
            ending = outcome.not_started(error.code, str(error), str(error.hint) if error.hint else None)
        except OSError as error:
            log.exception("task %s could not be run", task.id)
            ending = outcome.not_started(
                "worker-error", f"The worker could not run it: {error.strerror or error}", None
            )
        if ending.error is not None:
            writer.line(f"[{ending.error['code']}] {ending.error['message']}")
    if service.finish(task, ending) is None:
        log.warning("task %s was taken away from this worker, so its result is dropped", task.id)


def _run(task: Task, settings: Settings, writer: LogWriter) -> Ending:
    document = queries.document(task.id)
    engines = current_app.extensions["engines"]
    job, engine = submission.runnable(document.content, document.params, task.requested_engine, engines, settings.roots)
    folder = _private_folder(settings)
    try:
        launch = engine.launch(job, folder)
        follower = _Follower(task, settings, writer, secrets(job))
        service.beat(task.id, task.attempt, None, engine.name)
        return follower.follow(launch)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _private_folder(settings: Settings) -> Path:
    parent = settings.var_dir / "run"
    parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="task-", dir=parent))


class _Follower:
    """Follows one engine process: its output into log, result and progress; cancel and time-out into a stop."""

    def __init__(self, task: Task, settings: Settings, writer: LogWriter, hidden: frozenset[str]) -> None:
        self._task_id, self._attempt = task.id, task.attempt
        self._grace = settings.kill_grace
        timeout = task.timeout or settings.default_timeout
        self._timeout = timeout
        self._deadline = monotonic() + timeout if timeout else None
        self._writer = writer
        self._maskers = {stream: Masker(hidden) for stream in STREAMS}
        self._parts = {stream: HeadAndTail() for stream in STREAMS}
        self._reader = OutputReader()
        self._process: process.EngineProcess | None = None
        self._stopped: Outcome | None = None
        self._reason: str | None = None

    def follow(self, launch: Launch) -> Ending:
        self._process = process.start(launch)
        service.launched(self._task_id, self._attempt)
        code = self._process.supervise(self._take, self._look, every=BEAT_SECONDS)
        exited_at = clock.now()
        for stream in STREAMS:
            self._store(stream, self._maskers[stream].flush())
            self._parts[stream].feed(self._writer.finish(stream))
        self._reader.finish()
        where = f"/api/tasks/{self._task_id}/log"
        failure = self._reader.failure
        return outcome.of_run(
            outcome.Run(
                exit_code=code,
                stdout=self._parts["stdout"].text(where),
                stderr=self._parts["stderr"].text(where),
                progress=self._reader.progress,
                code=failure.code if failure else None,
                message=failure.message if failure else None,
                stopped=self._stopped,
                reason=self._reason,
                exited_at=exited_at,
            )
        )

    def _take(self, stream: str, chunk: bytes) -> None:
        self._store(stream, self._maskers[stream].mask(chunk))

    def _store(self, stream: str, masked: bytes) -> None:
        stored = self._writer.write(stream, masked)
        self._parts[stream].feed(stored)
        if stream == "stdout":
            self._reader.feed(stored)

    def _look(self) -> None:
        """Once a beat: renew the claim, and see whether it is time to stop."""
        beat = service.beat(self._task_id, self._attempt, self._reader.progress)
        if not beat.ours:
            self._stop(Outcome.LOST, "This worker was declared lost, and the task taken from it.")
        elif beat.cancelled_by is not None:
            self._stop(Outcome.CANCELLED, f"Cancelled by {beat.cancelled_by} while it ran.")
        elif self._deadline is not None and monotonic() > self._deadline:
            self._stop(Outcome.TIMED_OUT, f"Stopped: it ran longer than its time-out of {self._timeout} s.")

    def _stop(self, why: Outcome, reason: str) -> None:
        assert self._process is not None
        if self._stopped is None:
            self._stopped, self._reason = why, reason
            self._process.stop(self._grace)

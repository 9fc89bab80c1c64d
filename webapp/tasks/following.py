"""Following a process that was started for a task: its output into the log, cancel and time-out into a stop."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from datax_job.redaction import Masker
from engines import process
from engines.base import Launch
from webapp import clock
from webapp.config import Settings
from webapp.logs.writer import LogWriter
from webapp.results.execute import HeadAndTail
from webapp.states import Outcome
from webapp.tasks import service
from webapp.tasks.models import Task

# How often a running task renews its claim, stores its progress and learns that it is to be cancelled.
BEAT_SECONDS = 1.0

STREAMS = ("stdout", "stderr")


@dataclass(frozen=True, slots=True)
class Followed:
    """How the process ended. `stopped` says why it was stopped, if it was; the texts are what a result keeps of its output."""

    exit_code: int
    stdout: str
    stderr: str
    stopped: Outcome | None
    reason: str | None
    exited_at: datetime


class Follower:
    """Follows one process. `listen` gets its stdout as it is stored, `progress` says how far it has come."""

    def __init__(
        self,
        task: Task,
        settings: Settings,
        writer: LogWriter,
        hidden: frozenset[str],
        listen: Callable[[bytes], None] = lambda chunk: None,
        progress: Callable[[], dict[str, Any] | None] = lambda: None,
    ) -> None:
        self._task_id, self._attempt = task.id, task.attempt
        self._confinement = settings.engine_limits
        self._grace = settings.kill_grace
        self._timeout = task.timeout or settings.default_timeout
        self._writer = writer
        self._maskers = {stream: Masker(hidden) for stream in STREAMS}
        self._parts = {stream: HeadAndTail() for stream in STREAMS}
        self._listen, self._progress = listen, progress
        self._process: process.EngineProcess | None = None
        self._stopped: Outcome | None = None
        self._reason: str | None = None

    def follow(self, launch: Launch) -> Followed:
        """Start the process and stay with it to its end. Raises EngineError when it cannot be started."""
        self._deadline = monotonic() + self._timeout if self._timeout else None
        self._confinement.hand_over(launch.cwd)
        self._process = process.start(launch, self._confinement)
        service.launched(self._task_id, self._attempt)
        code = self._process.supervise(self._take, self._look, every=BEAT_SECONDS)
        exited_at = clock.now()
        for stream in STREAMS:
            self._store(stream, self._maskers[stream].flush())
            self._parts[stream].feed(self._writer.finish(stream))
        where = f"/api/tasks/{self._task_id}/log?attempt={self._attempt}"
        stdout, stderr = (self._parts[stream].text(where) for stream in STREAMS)
        return Followed(code, stdout, stderr, self._stopped, self._reason, exited_at)

    def _take(self, stream: str, chunk: bytes) -> None:
        self._store(stream, self._maskers[stream].mask(chunk))

    def _store(self, stream: str, masked: bytes) -> None:
        stored = self._writer.write(stream, masked)
        self._parts[stream].feed(stored)
        if stream == "stdout":
            self._listen(stored)

    def _look(self) -> None:
        """Once a beat: renew the claim, and see whether it is time to stop."""
        beat = service.beat(self._task_id, self._attempt, self._progress())
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

"""Following a process that was started for a task: its output into the log, cancel and time-out into a stop."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from datax_job.redaction import Masker
from engines import process
from engines.base import Launch
from engines.roll import StopReport
from webapp import clock
from webapp.config import Settings
from webapp.logs.writer import LogWriter
from webapp.results.execute import HeadAndTail
from webapp.states import Outcome
from webapp.tasks import attempts, rows
from webapp.tasks.attempts import Spent
from webapp.tasks.models import Task
from webapp.tasks.samples import Series
from webapp.tasks.stall import Stall
from webapp.tasks.stopping import stopping

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
    spent: Spent = Spent()
    # It was this worker that had to end, so another may go on at once.
    put_back: bool = False


class Follower:
    """Follows one process. `listen` gets its stdout as it is stored, `progress` says how far it has come."""

    def __init__(
        self,
        task: Task,
        settings: Settings,
        writer: LogWriter,
        hidden: frozenset[str],
        listen: Callable[[bytes], None] = lambda chunk: None,
        progress: Callable[[], dict[str, Any] | None] | None = None,
        series: Series | None = None,
    ) -> None:
        self._task_id, self._attempt = task.id, task.attempt
        self._confinement = settings.engine_limits
        self._grace = settings.kill_grace
        self._timeout = task.timeout or settings.default_timeout
        self._writer = writer
        self._maskers = {stream: Masker(hidden) for stream in STREAMS}
        self._parts = {stream: HeadAndTail() for stream in STREAMS}
        self._listen, self._progress = listen, progress or (lambda: None)
        self._series = series or Series()
        # What has no progress cannot be seen to stand still.
        self._stall = Stall(settings.stall_warning, task.stall_timeout or settings.default_stall_timeout)
        self._may_stall = progress is not None
        self._stalled_since: datetime | None = None
        self._put_back = False
        self._process: process.EngineProcess | None = None
        self._stopped: Outcome | None = None
        self._reason: str | None = None

    def follow(self, launch: Launch) -> Followed:
        """Start the process and stay with it to its end. Raises EngineError when it cannot be started."""
        self._deadline = monotonic() + self._timeout if self._timeout else None
        self._confinement.hand_over(launch.cwd)
        with process.start(launch, self._confinement) as self._process:
            with rows.unless_away():
                attempts.launched(self._task_id, self._attempt)
            code = self._process.supervise(self._take, self._look, every=BEAT_SECONDS)
        exited_at = clock.now()
        for stream in STREAMS:
            self._store(stream, self._maskers[stream].flush())
            self._parts[stream].feed(self._writer.finish(stream))
        where = f"/api/tasks/{self._task_id}/log?attempt={self._attempt}"
        stdout, stderr = (self._parts[stream].text(where) for stream in STREAMS)
        return Followed(code, stdout, stderr, self._stopped, self._reason, exited_at, self._spent(), self._put_back)

    def _spent(self) -> Spent:
        assert self._process is not None
        usage, report = self._process.usage, self._process.report
        processes = None if report is None else proof(report)
        return Spent(usage.cpu_seconds if usage else None, usage.peak_bytes if usage else None, processes)

    def _take(self, stream: str, chunk: bytes) -> None:
        self._store(stream, self._maskers[stream].mask(chunk))

    def _store(self, stream: str, masked: bytes) -> None:
        stored = self._writer.write(stream, masked)
        self._parts[stream].feed(stored)
        if stream == "stdout":
            self._listen(stored)

    def _look(self) -> None:
        """Once a beat: renew the claim, and see whether it is time to stop. A database that is away changes nothing for the run."""
        if self._may_stall:
            self._look_for_stall()
        self._series.add(self._progress())
        with rows.unless_away():
            self._beat()
        if self._deadline is not None and monotonic() > self._deadline:
            self._stop(Outcome.TIMED_OUT, f"Stopped: it ran longer than its time-out of {self._timeout} s.")
        elif stopping.over.is_set() and self._stopped is None:
            self._put_back = True
            self._stop(
                Outcome.LOST, "Its worker was told to stop, and the time that a run then has to finish was over."
            )

    def _beat(self) -> None:
        progress, since = self._progress(), self._stalled_since
        samples = self._series.due()
        beat = attempts.beat(self._task_id, self._attempt, progress, stalled_since=since, samples=samples)
        if samples is not None:
            self._series.written()
        if not beat.ours:
            self._stop(Outcome.LOST, "This worker was declared lost, and the task taken from it.")
        elif beat.cancelled_by is not None:
            self._stop(Outcome.CANCELLED, f"Cancelled by {beat.cancelled_by} while it ran.")

    def _look_for_stall(self) -> None:
        stall, known = self._stall, self._stalled_since
        stall.look(self._progress())
        self._stalled_since = stall.since and (known or stall.since)
        if self._stalled_since is not None and known is None:
            self._writer.line(f"[stalled] No record has moved for {stall.seconds:.0f} s.")
        if stall.too_long:
            self._stop(Outcome.TIMED_OUT, f"Stopped: no record moved for {stall.seconds:.0f} s.")

    def _stop(self, why: Outcome, reason: str) -> None:
        assert self._process is not None
        if self._stopped is None:
            self._stopped, self._reason = why, reason
            self._process.stop(self._grace)


def proof(report: StopReport) -> dict[str, Any]:
    """Which processes ended and when, as an attempt keeps it."""
    ended = [{"pid": each.pid, "command": each.command, "at": clock.iso(each.at)} for each in report.ended]
    return {"asked_at": clock.iso(report.asked_at), "ended": ended, "left": list(report.left)}

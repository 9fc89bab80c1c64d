"""The embedded engine as a command, called like `datax.py`: `python -m engines.duckdb [-p "-Dname=value …"] JOB.json`.

It exits with 0 when the job is done, 1 when it failed, 143 when SIGTERM stopped it.
"""

import os
import signal
import sys
import threading
import time
from datetime import datetime

from engines.duckdb.arguments import Command, parse
from engines.duckdb.failure import Failure, closing
from engines.duckdb.job import load
from engines.duckdb.log import Log
from engines.duckdb.plan import Plan, plan
from engines.duckdb.progress import Counts, periodic, summary, transformer_summary
from engines.duckdb.run import run
from engines.duckdb.session import Session

STOPPED = 128 + signal.SIGTERM
# Seconds between two progress lines; the first comes early, so that whoever watches sees life.
FIRST_REPORT, REPORT = 1.0, 3.0
COMMUNICATOR = "StandAloneJobContainerCommunicator"
# glibc's numbers of these options. Each heap keeps what was once needed in it, and by default there are eight for each processor; a block
# of this size goes back to the system when it is freed, by default only one larger than the largest that was ever freed.
_M_ARENA_MAX, HEAPS = -8, 2
_M_MMAP_THRESHOLD, LARGE_BLOCK = -3, 1 << 20
# The same for DuckDB's own allocator, a jemalloc, which reads this once when it is loaded.
_JEMALLOC = ("DUCKDB_JE_MALLOC_CONF", "narenas:1,dirty_decay_ms:300,muzzy_decay_ms:0")


def main(words: list[str]) -> int:
    log = Log()
    try:
        command = parse(words)
        if command.parent:
            _die_with(command.parent)
        return _execute(_checked(command), log)
    except Failure as failure:
        log.error("Engine", closing(failure))
        return 1


def _checked(command: Command) -> Plan:
    """The plan of the job, or a Failure that names all that is wrong with it under the first one's code."""
    planned = plan(load(command.job, command.values))
    if isinstance(planned, Plan):
        return planned
    reasons = "\n".join(f"{problem.pointer}: {problem.message}" for problem in planned)
    raise Failure(getattr(planned[0], "code", "Framework-03"), "%(reasons)s", {"reasons": reasons})


def _execute(planned: Plan, log: Log) -> int:
    _share_heaps()
    session = Session(planned.setting, log)
    if planned.setting.dry_run:
        log.info("JobContainer", "PreCheck通过")
        return 0
    signal.signal(signal.SIGTERM, lambda number, frame: _stop(planned, session))
    signal.signal(signal.SIGINT, lambda number, frame: _stop(planned, session))
    try:
        failed = _watched(planned, session)
    except BrokenPipeError:
        # Whoever read our output is gone, and nobody would learn how the job ends: end it now.
        planned.writer.discard(session)
        os._exit(1)
    if failed is not None:
        log.error("JobContainer", "Exception when job run")
        _report(session, Counts(), planned)
        raise failed
    _report_end(planned, session)
    return 0


def _stop(planned: Plan, session: Session) -> None:
    """Leave at once: what is open in a database ends with the connection, what is in a file has no final name yet."""
    planned.writer.discard(session)
    session.stop()
    os.write(1, b"[Error] received signal 15, the job is stopped.\n")
    os._exit(STOPPED)


def _watched(planned: Plan, session: Session) -> Failure | None:
    """Run the job in a thread, so that this one can hear signals and report, whatever a query is doing."""
    outcome: list[Failure] = []
    thread = threading.Thread(target=_worked, args=(planned, session, outcome), daemon=True)
    thread.start()
    before, wait = Counts(), FIRST_REPORT
    began = time.monotonic()
    while thread.is_alive():
        thread.join(wait)
        if thread.is_alive():
            before, began, wait = _report(session, before, planned, began), time.monotonic(), REPORT
    return outcome[0] if outcome else None


def _worked(planned: Plan, session: Session, outcome: list[Failure]) -> None:
    try:
        run(planned, session)
    except Failure as failure:
        outcome.append(failure)
    except BaseException as error:
        outcome.append(
            Failure(
                "Framework-13", "%(kind)s: %(reason)s", {"kind": type(error).__name__, "reason": _first_lines(error)}
            )
        )


def _first_lines(error: BaseException) -> str:
    """DuckDB shows the statement after its reason; it is ours, not the user's."""
    return str(error).partition("\n\nLINE ")[0]


def _report(session: Session, before: Counts, planned: Plan, began: float | None = None) -> Counts:
    now = session.counts()
    seconds = time.monotonic() - (began or session.transfer_started)
    line = periodic(now, before, seconds, session.share, bool(planned.transformers))
    session.log.info(COMMUNICATOR, line)
    return now


def _report_end(planned: Plan, session: Session) -> None:
    counts, log = session.counts(), session.log
    log.info("JobContainer", "DataX jobId [0] completed successfully.")
    _report(session, Counts(), planned)
    seconds = time.monotonic() - session.transfer_started
    log.info("JobContainer", summary(counts, session.started, datetime.now(), seconds))
    if planned.transformers:
        log.info("JobContainer", transformer_summary(counts))


def _share_heaps() -> None:
    """Let all threads take memory from the same few heaps, and soon give back what nobody needs, however long the job."""
    os.putenv(*_JEMALLOC)
    if sys.platform == "linux":
        import ctypes

        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, HEAPS)
            mallopt(_M_MMAP_THRESHOLD, LARGE_BLOCK)


def _die_with(parent: int) -> None:
    """Ask Linux for SIGTERM when the parent dies; where it is gone already, do not begin."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(STOPPED)


if __name__ == "__main__":
    for asked_to_stop in (signal.SIGTERM, signal.SIGINT):
        # Nothing is open yet; a run has its own way to stop.
        signal.signal(asked_to_stop, lambda number, frame: os._exit(STOPPED))
    exit_code = main(sys.argv[1:])
    # Every line went out as it was said, and all else ends with the process: taking it apart takes longer than a small job.
    os._exit(exit_code)

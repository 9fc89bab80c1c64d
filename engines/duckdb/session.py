"""What one run holds while it goes: DuckDB's connection, the counters, the log, and what to undo when it is stopped."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from engines.duckdb.failure import Failure
from engines.duckdb.log import Log
from engines.duckdb.pace import Pace, lines, paced
from engines.duckdb.parts import Parts
from engines.duckdb.progress import Counts
from engines.duckdb.rows import COUNTERS, DIRTY, FILTERED, PASSED, SPOILT, Dirty
from engines.duckdb.setting import Setting

if TYPE_CHECKING:
    import duckdb

# What DuckDB may take, in megabytes, for each thread and at least. It fills what it is given, the more the longer a job runs, so
# only a tight limit makes the peak the same for a million rows and for twenty.
THREAD_MEMORY, LEAST_MEMORY = 32, 64
# Each thread needs its share of that memory, and a pipe feeds no more than these.
MOST_THREADS = 4
SAMPLES = 10
# What a stop waits for servers to hear of it.
STOP_SECONDS = 0.6
DIRTY_LIMIT = "Framework-14"
USUAL_WIDTH = 2_000_000
GREATEST_WIDTH = 256_000_000


class Session:
    def __init__(self, setting: Setting, log: Log) -> None:
        self.setting = setting
        self.log = log
        self.started = datetime.now()
        self.transfer_started = time.monotonic()
        self.finished = Counts()
        self.share = 0.0
        self.row_bytes: Callable[[], float] = lambda: 0.0
        self.logged = 0
        self.parts = Parts()
        # What the target held before, to be removed at the end, and the names of the files being written.
        self.replaced: list[Path] = []
        self.names: dict[int, str] = {}
        # The widest line of text that the buffers are made for.
        self.widest = USUAL_WIDTH
        # Set by a writer that takes all rows over one connection: reading in ranges would only keep threads waiting.
        self.one_stream = False
        # By server or connection: what ends, when this process is told to stop, what would go on there.
        self.at_stop: dict[object, Callable[[], object]] = {}
        self._lock = threading.Lock()
        self._counting = False
        self._attached = False
        self._threads = MOST_THREADS
        self._easier = ["SET threads = 1", "SET memory_limit = '1GB'", "SET memory_limit = '3GB'"]

    @cached_property
    def pace(self) -> Pace | None:
        """The job's speed limits; None where it may go as fast as it can."""
        limits = (self.setting.bytes_per_second, self.setting.records_per_second)
        return Pace(*limits) if any(limits) else None

    def pacing(
        self, sink: Callable[[bytes], object], records: Callable[[bytes], int] = lines
    ) -> Callable[[bytes], object]:
        """A sink that keeps to the job's speed limits; `records` counts those in a block."""
        return paced(self.pace, sink, records) if self.pace else sink

    @cached_property
    def db(self) -> "duckdb.DuckDBPyConnection":
        """The connection of the run, made when first asked for.

        By the module that `duckdb` is a shell of: the shell reads the metadata of its package, for 70 ms of a small job's 290.
        """
        import _duckdb

        # Nothing is fetched from outside, and nothing is written to disk behind the job's back.
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            # Checking a signature reads and hashes 40 MB at each start. The scanners lie beside DuckDB itself, which nobody checks
            # either: both came in wheels whose hashes are in the lock file, and no other extension is ever loaded.
            "allow_unsigned_extensions": True,
            "temp_directory": "",
        }
        db = _duckdb.connect(config=config)
        # Small chunks, which wide rows come in, are not gathered up to 2048 rows: that would be gigabytes, beside the limit.
        db.execute("SET enable_caching_operators = false")
        self._threads = min(db.execute("SELECT current_setting('threads')").fetchall()[0][0], MOST_THREADS)
        db.execute(f"SET threads = {self._threads}")
        db.execute(f"SET memory_limit = '{max(self._threads * THREAD_MEMORY, LEAST_MEMORY)}MB'")
        return db

    def work_in(self, threads: int) -> None:
        """What the source is read with: no more threads than it has parts, and never more than there were."""
        self._threads = min(threads, self._threads)
        self.db.execute(f"SET threads = {self._threads}")

    def check_limits(self) -> None:
        """Raises Failure when more bad records were seen than the job bears."""
        counts, setting = self.slice_counts(), self.setting
        if setting.error_records is not None and counts.failed > setting.error_records:
            values = {"limit": setting.error_records, "count": counts.failed}
            raise Failure(
                DIRTY_LIMIT, "脏数据条数检查不通过，限制是[%(limit)s]条，但实际上捕获了[%(count)s]条.", values
            )
        share = counts.failed / counts.read if counts.read else 0.0
        if setting.error_share is not None and share > setting.error_share:
            shares = {"limit": f"{setting.error_share:f}", "count": f"{share:f}"}
            raise Failure(DIRTY_LIMIT, "脏数据百分比检查不通过，限制是[%(limit)s]，但实际上捕获到[%(count)s].", shares)

    def widen(self, name: str) -> None:
        """Make room for a very long line, beyond what a job may otherwise take. Raises Failure where that was not enough."""
        if self.widest == GREATEST_WIDTH:
            values = {"name": name, "width": GREATEST_WIDTH}
            raise Failure("UnstructuredStorageReader-09", "%(name)s has a line longer than %(width)s bytes.", values)
        self.widest = GREATEST_WIDTH
        self.db.execute("SET memory_limit = '3GB'")
        self.log.info("Engine", f"{name}: a very long line, starting again with wider buffers.")

    def ease(self, name: str) -> bool:
        """Rows of hundreds of columns need more room than others: first fewer of them at a time, then more memory."""
        if not self._easier:
            return False
        step = self._easier.pop(0)
        self.db.execute(step)
        self.log.info("Engine", f"{name}: rows too wide for the memory at hand, starting again with {step}.")
        return True

    def stop(self) -> None:
        """From another thread than the run's: end at the servers what they would go on doing when this process is gone."""
        threads = [threading.Thread(target=end, daemon=True) for end in tuple(self.at_stop.values())]
        for thread in threads:
            thread.start()
        until = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def begin_slice(self, row_bytes: Callable[[], float], attached: bool = False) -> None:
        """Start counting a slice, or count it anew.

        DuckDB lets a transaction write to one database, and a sequence moving on is a write, unless it is a temporary one. That
        one no other connection sees: a slice written into an attached database shows its counts only when it is through.
        """
        with self._lock:
            for name in COUNTERS:
                self.db.execute(f"DROP SEQUENCE IF EXISTS temp.{name}; DROP SEQUENCE IF EXISTS memory.{name}")
                self.db.execute(f"CREATE TEMP SEQUENCE {name}" if attached else f"CREATE SEQUENCE memory.main.{name}")
            self.row_bytes = row_bytes
            self._counting, self._attached = True, attached

    def end_slice(self) -> None:
        """The slice is through: add its counts to those of the slices before it."""
        with self._lock:
            self.finished = self._sum(self.db)
            self._counting = False

    def slice_counts(self) -> Counts:
        """What has gone by with the running slice in it; only from the thread of the run."""
        with self._lock:
            return self._sum(self.db)

    def counts(self) -> Counts:
        """What has gone by until now; may be called from another thread while a query runs."""
        with self._lock:
            return self._sum(self.db.cursor()) if self._counting and not self._attached else self.finished

    def _sum(self, db: "duckdb.DuckDBPyConnection") -> Counts:
        if not self._counting:
            return self.finished
        passed, dirty, filtered, spoilt = self._sequences(db)
        before = self.finished
        return Counts(
            passed=before.passed + passed,
            failed=before.failed + dirty,
            filtered=before.filtered + filtered,
            transform_failed=before.transform_failed + spoilt,
            bytes=before.bytes + round(passed * self.row_bytes()),
        )

    @staticmethod
    def _sequences(db: "duckdb.DuckDBPyConnection") -> tuple[int, int, int, int]:
        found = dict(db.execute("SELECT sequence_name, last_value FROM duckdb_sequences()").fetchall())
        passed, dirty, filtered, spoilt = (found.get(name) or 0 for name in (PASSED, DIRTY, FILTERED, SPOILT))
        return passed, dirty, filtered, spoilt

    def writer_failed(self, number: int, samples: Sequence[Dirty]) -> None:
        """A writer could not place `number` of the rows that passed: they count as failed, and the first are logged."""
        with self._lock:
            before = self.finished
            self.finished = Counts(
                passed=before.passed - number,
                failed=before.failed + number,
                filtered=before.filtered,
                transform_failed=before.transform_failed,
                bytes=before.bytes,
            )
        self.log_dirty(samples)

    def log_dirty(self, samples: Sequence[Dirty]) -> None:
        for sample in samples[: max(SAMPLES - self.logged, 0)]:
            self.log.dirty(sample)
            self.logged += 1

"""What one run holds while it goes: DuckDB's connection, the counters, the log, and what to undo when it is stopped."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from engines.duckdb.log import Log
from engines.duckdb.parts import Parts
from engines.duckdb.progress import Counts
from engines.duckdb.rows import DIRTY, FILTERED, PASSED, Dirty
from engines.duckdb.setting import Setting

if TYPE_CHECKING:
    import duckdb

# DuckDB's own share of the 400 MB that a job may take, everything else included.
MEMORY_LIMIT = "200MB"
SAMPLES = 10


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
        self._lock = threading.Lock()
        self._counting = False

    @cached_property
    def db(self) -> "duckdb.DuckDBPyConnection":
        """The connection of the run, made when first asked for."""
        import duckdb

        # Nothing is fetched from outside, and nothing is written to disk behind the job's back.
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY_LIMIT,
            "autoinstall_known_extensions": False,
            "temp_directory": "",
        }
        return duckdb.connect(config=config)

    def begin_slice(self, row_bytes: Callable[[], float]) -> None:
        """Start counting a slice, or count it anew."""
        with self._lock:
            for name in (PASSED, DIRTY, FILTERED):
                self.db.execute(f"CREATE OR REPLACE SEQUENCE {name}")
            self.row_bytes = row_bytes
            self._counting = True

    def end_slice(self) -> None:
        """The slice is through: add its counts to those of the slices before it."""
        with self._lock:
            self.finished = self._sum()
            self._counting = False

    def counts(self) -> Counts:
        """What has gone by until now; may be called from another thread while a query runs."""
        with self._lock:
            return self._sum()

    def _sum(self) -> Counts:
        if not self._counting:
            return self.finished
        passed, dirty, filtered = self._sequences()
        before = self.finished
        return Counts(
            passed=before.passed + passed,
            failed=before.failed + dirty,
            filtered=before.filtered + filtered,
            transform_failed=before.transform_failed,
            bytes=before.bytes + round(passed * self.row_bytes()),
        )

    def _sequences(self) -> tuple[int, int, int]:
        found = dict(self.db.cursor().execute("SELECT sequence_name, last_value FROM duckdb_sequences()").fetchall())
        return found.get(PASSED) or 0, found.get(DIRTY) or 0, found.get(FILTERED) or 0

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

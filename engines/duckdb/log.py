"""Lines on stdout as DataX writes them: time, thread, level, who, message."""

import json
import sys
import threading
from datetime import datetime

from engines.duckdb.rows import Dirty


class Log:
    """Every line goes out at once, whole: readers follow it while the job runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def info(self, who: str, message: str) -> None:
        self._line("job-0", "INFO ", who, message)

    def warn(self, who: str, message: str) -> None:
        self._line("job-0", "WARN ", who, message)

    def error(self, who: str, message: str) -> None:
        self._line("job-0", "ERROR", who, message)

    def dirty(self, dirty: Dirty) -> None:
        words = json.dumps(
            {"record": list(dirty.record), "type": dirty.role, dirty.key: dirty.message},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        self._line(f"0-0-0-{dirty.role}", "ERROR", "StdoutPluginCollector", f"脏数据: \n{words}")

    def _line(self, thread: str, level: str, who: str, message: str) -> None:
        now = datetime.now().isoformat(" ", "milliseconds")
        self.raw(f"{now} [{thread}] {level} {who} - {message}\n".encode(errors="replace"))

    def raw(self, words: bytes) -> None:
        with self._lock:
            sys.stdout.buffer.write(words)
            sys.stdout.buffer.flush()

"""Deletes logs that are too old, and the oldest where all together are too large. Any number of processes may do so at once."""

import logging
import time
from collections import Counter
from dataclasses import dataclass
from threading import Event

from webapp.config import Settings
from webapp.logs.shelf import Held, Shelf
from webapp.logs.store import LogStore

log = logging.getLogger(__name__)

EVERY_SECONDS = 600.0
DAY_SECONDS = 86400.0
# Ages are counted in minutes, so that millions of logs take no memory.
BUCKET_SECONDS = 60
# A log that nobody has finished and nobody has written to for so long is a dead worker's; any other unfinished one stays.
DEAD_AFTER = DAY_SECONDS


@dataclass(slots=True)
class Cut:
    """Which logs go: those last changed before `oldest`, or before a bucket, and so many bytes of those in the bucket."""

    oldest: float
    bucket: int = 0
    excess: int = 0

    def takes(self, held: Held) -> bool:
        if held.changed < self.oldest or _bucket(held) < self.bucket:
            return True
        if _bucket(held) > self.bucket or self.excess <= 0:
            return False
        self.excess -= held.size
        return True


class Retention:
    """What is kept: logs changed in the last `seconds`, and of these the newest, `most` bytes together."""

    def __init__(self, shelf: Shelf, seconds: float | None, most: int | None) -> None:
        self._shelf, self._seconds, self._most = shelf, seconds, most

    def once(self) -> int:
        """Returns how many tasks' logs were deleted. Raises OSError."""
        if self._seconds is None and self._most is None:
            return 0
        now = time.time()
        cut = self._cut(now - self._seconds if self._seconds is not None else 0.0)
        count = 0
        for held in self._shelf.folders():
            if _is_over(held, now) and cut.takes(held):
                self._shelf.remove_folder(held.folder)
                count += 1
        return count

    def _cut(self, oldest: float) -> Cut:
        sizes: Counter[int] = Counter()
        for held in self._shelf.folders() if self._most is not None else ():
            if held.changed >= oldest:
                sizes[_bucket(held)] += held.size
        room = self._most or 0
        for bucket in sorted(sizes, reverse=True):
            if sizes[bucket] > room:
                return Cut(oldest, bucket, sizes[bucket] - room)
            room -= sizes[bucket]
        return Cut(oldest)


def _bucket(held: Held) -> int:
    return int(held.changed // BUCKET_SECONDS)


def _is_over(held: Held, now: float) -> bool:
    return not held.growing or now - held.changed > DEAD_AFTER


def forever(store: LogStore, settings: Settings, stop: Event) -> None:
    """Look every ten minutes until told to stop."""
    days, most = settings.log_retention_days, settings.log_retention_bytes
    retention = Retention(store.shelf, None if days is None else days * DAY_SECONDS, most)
    while not stop.is_set():
        try:
            count = retention.once()
        except OSError as error:
            log.warning("old logs cannot be deleted now: %s", error)
        except Exception:  # nobody would see that this thread has ended
            log.exception("old logs cannot be deleted now")
        else:
            log.log(logging.INFO if count else logging.DEBUG, "deleted the logs of %d tasks", count)
        stop.wait(EVERY_SECONDS)

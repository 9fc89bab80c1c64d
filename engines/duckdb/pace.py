"""How fast a job may go."""

import time
from collections.abc import Callable


class Pace:
    """Sleeps so that, since the start, no more passes than the limits allow."""

    def __init__(self, bytes_per_second: int | None, records_per_second: int | None) -> None:
        self.limits = (bytes_per_second, records_per_second)
        self.spent = [0, 0]
        self.started = time.monotonic()

    def spend(self, size: int, records: int) -> None:
        self.spent[0] += size
        self.spent[1] += records
        due = max((spent / limit for spent, limit in zip(self.spent, self.limits, strict=True) if limit), default=0.0)
        late = self.started + due - time.monotonic()
        if late > 0:
            time.sleep(late)


def paced(pace: Pace, sink: Callable[[bytes], object]) -> Callable[[bytes], object]:
    """A sink of lines that keeps the pace; each line is a record."""

    def take(chunk: bytes) -> None:
        pace.spend(len(chunk), chunk.count(b"\n"))
        sink(chunk)

    return take

"""How fast a job may go."""

import time
from collections.abc import Callable

LARGEST_BATCH = 1000


class Pace:
    """Sleeps so that, since the start, no more passes than the limits allow."""

    def __init__(self, bytes_per_second: int | None, records_per_second: int | None) -> None:
        self.limits = (bytes_per_second, records_per_second)
        self.spent = [0, 0]
        self.started = time.monotonic()

    @property
    def batch(self) -> int:
        """Rows to move at once: few enough that there is life to see several times a second."""
        _, records = self.limits
        return max(min((records or LARGEST_BATCH * 10) // 10, LARGEST_BATCH), 1)

    def spend(self, size: int, records: int) -> None:
        self.spent[0] += size
        self.spent[1] += records
        due = max((spent / limit for spent, limit in zip(self.spent, self.limits, strict=True) if limit), default=0.0)
        late = self.started + due - time.monotonic()
        if late > 0:
            time.sleep(late)


class Quoted:
    """Counts records in blocks of lines where a line's end between quotes ends no record, and a quote inside is doubled."""

    def __init__(self, quote: bytes) -> None:
        self._quote = quote
        self._inside = 0

    def __call__(self, block: bytes) -> int:
        parts = block.split(self._quote)
        found = sum(part.count(b"\n") for part in parts[self._inside :: 2])
        self._inside ^= (len(parts) - 1) & 1
        return found


def lines(block: bytes) -> int:
    return block.count(b"\n")


def paced(
    pace: Pace, sink: Callable[[bytes], object], records: Callable[[bytes], int] = lines
) -> Callable[[bytes], object]:
    """A sink of blocks that keeps the pace; `records` counts those in a block."""

    def take(block: bytes) -> None:
        pace.spend(len(block), records(block))
        sink(block)

    return take

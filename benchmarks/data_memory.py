"""The embedded engine's peak memory for each way a job can go, with few rows and with many: it must not grow with them.

`python -m benchmarks.data_memory [FEW MANY [PART OF A NAME]]`
"""

import sys
import tempfile
from pathlib import Path

from benchmarks.data_plane import WAYS, Way, engine
from benchmarks.data_world import World

FEW, MANY = 1_000_000, 10_000_000
# Megabytes, and how much more many rows may take than few.
MOST, GROWTH = 400, 1.2


def main(few: int = FEW, many: int = MANY, part: str = "") -> None:
    ways = [way for way in WAYS if part.lower() in way.name.lower()]
    before, after = peaks(ways, few), peaks(ways, many)
    for name, peak in after.items():
        sys.stdout.write(
            f"{name:26} peak {before[name]:4} MB for {few:,} rows, {peak:4} MB for {many:,} (goal < {MOST}); "
            f"{peak / before[name]:.2f} times as much (goal <= {GROWTH})\n"
        )


def peaks(ways: list[Way], rows: int) -> dict[str, int]:
    """Megabytes at the highest point of each way that this machine has the servers for."""
    found = {}
    with tempfile.TemporaryDirectory() as folder, World.opened(Path(folder), rows) as world:
        for way in (way for way in ways if world.has(way.name)):
            world.emptied()
            found[way.name] = engine(world, way).peak >> 10
    return found


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]), *sys.argv[3:4])

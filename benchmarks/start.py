"""How long the product takes from nothing running to `/readyz`: a first start, which makes the database, and later ones."""

import statistics
import tempfile
import time
from pathlib import Path

from tests.stack import Stack, new_stack

ROUNDS = 3
# What the public surface promises of a second `make run`.
GOAL_SECONDS = 10.0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stack = new_stack(Path(folder))
        first = _seconds(stack)
        again = statistics.median(_seconds(stack) for _ in range(ROUNDS))
    print(f"start: first {first:.1f} s, again {again:.1f} s (goal < {GOAL_SECONDS:.0f} s)", flush=True)


def _seconds(stack: Stack) -> float:
    began = time.monotonic()
    stack.start()
    taken = time.monotonic() - began
    stack.stop()
    return taken


if __name__ == "__main__":
    main()

"""`make fuzz [ARGS="600 parser"]`: each target for so many seconds, all at once, each in a process that is watched for hangs.

Input comes from a seed, so that what breaks can be made again: `python -m tests.fuzz again TARGET SEED`.
"""

import multiprocessing
import sys
import time
import traceback
from multiprocessing.sharedctypes import Synchronized
from random import Random

from tests.fuzz.targets import TARGETS, seeds

SECONDS = 600.0
# Nothing that fits into a request may take so long.
HANGS_AFTER = 30.0


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["again"]:
        TARGETS[arguments[1]](Random(int(arguments[2])))
        return 0
    lasting = float(arguments[0]) if arguments else SECONDS
    watched = [_Watched(name, lasting) for name in arguments[1:] or TARGETS]
    return max([each.outcome() for each in watched])


class _Watched:
    def __init__(self, name: str, lasting: float) -> None:
        context = multiprocessing.get_context("spawn")
        self._name = name
        self._seed = context.Value("q", time.time_ns() // 1000)
        self._process = context.Process(target=_run, args=(name, lasting, self._seed))
        self._begun_with = self._seed.value
        self._process.start()

    def outcome(self) -> int:
        """0 when nothing broke; says what did."""
        last, since = self._seed.value, time.monotonic()
        while self._process.is_alive():
            self._process.join(0.5)
            if self._seed.value != last:
                last, since = self._seed.value, time.monotonic()
            elif time.monotonic() - since > HANGS_AFTER and self._process.is_alive():
                self._process.kill()
                self._process.join()
                print(f"{self._name}: seed {last} hangs (python -m tests.fuzz again {self._name} {last})", flush=True)
                return 1
        print(
            f"{self._name}: {self._seed.value - self._begun_with:,} inputs, exit {self._process.exitcode}", flush=True
        )
        return 0 if self._process.exitcode == 0 else 1


def _run(name: str, lasting: float, current: "Synchronized[int]") -> None:
    until = time.monotonic() + lasting
    for seed in seeds(current.value):
        if time.monotonic() > until:
            return
        current.value = seed
        try:
            TARGETS[name](Random(seed))
        except Exception:
            traceback.print_exc()
            print(f"{name}: seed {seed} breaks it (python -m tests.fuzz again {name} {seed})", flush=True)
            sys.exit(1)

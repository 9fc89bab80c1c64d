"""`make bench [ARGS="small_job polling"]`: the parts that are named, or all."""

import importlib
import os
import sys
import tempfile
from pathlib import Path

from tests.stack import new_stack

# Parts that measure the running product; the data plane measures the embedded engine alone.
OF_THE_PRODUCT = ("small_job", "polling")

# Requests are counted as in production, yet more of them come than anybody is allowed by default.
NEVER_REACHED = "1000000000"


def main(names: list[str]) -> None:
    wanted = names or ["start", *OF_THE_PRODUCT, "pool", "lists", "data_plane", "data_memory"]
    product = [name for name in wanted if name in OF_THE_PRODUCT]
    if product:
        _measure_the_product(product)
    for name in wanted:
        if name not in OF_THE_PRODUCT:
            importlib.import_module(f"benchmarks.{name}").main()


def _measure_the_product(names: list[str]) -> None:
    home = {name: os.environ[name] for name in ("DATAX_HOME", "JAVA_HOME") if name in os.environ}
    with tempfile.TemporaryDirectory() as folder:
        stack = new_stack(Path(folder), RATE_LIMIT=NEVER_REACHED, **home)
        stack.start()
        try:
            for name in names:
                for line in importlib.import_module(f"benchmarks.{name}").measure(stack):
                    print(line, flush=True)
        finally:
            stack.stop()


if __name__ == "__main__":
    main(sys.argv[1:])

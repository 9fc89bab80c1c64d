"""The embedded engine's data plane: each way a job can go, beside DataX where DATAX_HOME is set and the physical limit.

`python -m benchmarks.data_plane [ROWS [PART OF A NAME]]`; all figures of a line come from one run on one machine, so the ratios travel.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.data_world import TYPES, World

ROWS = 1_000_000
# Best of so many, as other work on the machine only ever slows a run down.
ROUNDS = 2
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Way:
    """`goal` and `limit_goal` are what the engine should reach of DataX and of the limit."""

    name: str
    reader: Callable[[World], dict[str, Any]]
    writer: Callable[[World], dict[str, Any]]
    limit: Callable[[World], None] | None = None
    goal: float = 1.0
    limit_goal: float | None = None


@dataclass(frozen=True)
class Taken:
    seconds: float
    peak: int = 0


def text_reader(kinds: list[str]) -> Callable[[World], dict[str, Any]]:
    columns = [{"index": number, "type": kind} for number, kind in enumerate(kinds)]
    return lambda world: world.plugin("txtfilereader", path=[str(world.text)], column=columns, fieldDelimiter=",")


def text_writer(world: World) -> dict[str, Any]:
    return world.plugin("txtfilewriter", path=str(world.out), fileName="out", writeMode="truncate", fieldDelimiter=",")


def copied(world: World) -> None:
    """`cat` of a file into another."""
    with world.text.open("rb") as source, (world.out / "copy").open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)


WAYS = (
    Way("text -> text, typed", text_reader(TYPES), text_writer, copied, 3.0),
    Way("text -> text, strings", text_reader(["string"] * len(TYPES)), text_writer, copied, 1.5),
    Way("PostgreSQL -> text", World.pg_reader, text_writer, World.pg_out, 5.0),
    Way("text -> PostgreSQL", text_reader(TYPES), World.pg_writer, World.pg_in, 4.0),
    Way("PostgreSQL -> PostgreSQL", World.pg_reader, World.pg_writer, World.pg_through, 4.0, 0.5),
    Way("MariaDB -> PostgreSQL", World.my_reader, World.pg_writer, None, 4.0),
    Way("PostgreSQL -> MariaDB", World.pg_reader, World.my_writer, None, 2.5),
)


def main(rows: int = ROWS, part: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder, World.opened(Path(folder), rows) as world:
        for way in (way for way in WAYS if part.lower() in way.name.lower()):
            if world.has(way.name):
                sys.stdout.write(f"{line(world, way)}\n")
                sys.stdout.flush()
            else:
                sys.stdout.write(f"{way.name}: left out, this machine has no MariaDB\n")


def line(world: World, way: Way) -> str:
    ours = best(world, lambda: engine(world, way))
    words = [
        f"{way.name:26} {ours.seconds:6.2f} s {world.rows / ours.seconds:>11,.0f} rows/s, peak {ours.peak >> 10} MB"
    ]
    if way.limit is not None:
        limit = best(world, lambda: timed(lambda: way.limit and way.limit(world)))
        goal = f" (goal >= {way.limit_goal})" if way.limit_goal else ""
        words.append(f"{limit.seconds / ours.seconds:.2f} of the limit{goal}")
    home = os.environ.get("DATAX_HOME")
    if home:
        datax = best(world, lambda: process(world, java(Path(home)), tuned(world, way)))
        words.append(
            f"{datax.seconds / ours.seconds:.1f} x DataX (goal >= {way.goal}), which had peak {datax.peak >> 10} MB"
        )
    return "; ".join(words) if home else "; ".join([*words, "DATAX_HOME is not set"])


def best(world: World, measure: Callable[[], Taken]) -> Taken:
    found = []
    for _ in range(ROUNDS):
        world.emptied()
        found.append(measure())
    return min(found, key=lambda taken: taken.seconds)


def timed(work: Callable[[], object]) -> Taken:
    begun = time.perf_counter()
    work()
    return Taken(time.perf_counter() - begun)


def engine(world: World, way: Way) -> Taken:
    document = {"job": {"setting": {"speed": {"channel": 1}}, "content": [content(world, way)]}}
    return process(world, [sys.executable, "-m", "engines.duckdb"], document)


def content(world: World, way: Way) -> dict[str, Any]:
    return {"reader": way.reader(world), "writer": way.writer(world)}


def tuned(world: World, way: Way) -> dict[str, Any]:
    """DataX at its best: four channels and a short sleep; the switches of its PostgreSQL driver are in the URL."""
    sleeps = {"container": {"job": {"sleepInterval": 100}, "taskGroup": {"sleepInterval": 10}}}
    job = {"setting": {"speed": {"channel": 4}}, "content": [content(world, way)]}
    text = json.dumps({"core": sleeps, "job": job})
    return dict(json.loads(text.replace(world.pg_url, f"{world.pg_url}?tcpNoDelay=true&reWriteBatchedInserts=true")))


def java(home: Path) -> list[str]:
    options = [f"-Ddatax.home={home}", f"-Dlogback.configurationFile={home}/conf/logback.xml", "-Xms1g", "-Xmx1g"]
    run = ["com.alibaba.datax.core.Engine", "-mode", "standalone", "-jobid", "-1", "-job"]
    return ["java", *options, "-cp", f"{home}/lib/*", *run]


def process(world: World, command: list[str], document: dict[str, Any]) -> Taken:
    """Run a job to its end; its peak memory is the process's own."""
    job = world.folder / "job.json"
    job.write_text(json.dumps(document))
    log = world.folder / "log.txt"
    begun = time.perf_counter()
    with log.open("wb") as output:
        child = subprocess.Popen([*command, str(job)], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
    taken = Taken(time.perf_counter() - begun, usage.ru_maxrss)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, log.read_text(errors="replace")[-3000:]
    return taken


if __name__ == "__main__":
    main(*([int(sys.argv[1])] if len(sys.argv) > 1 else []), *sys.argv[2:3])

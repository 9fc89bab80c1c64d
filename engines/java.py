"""The Java runtime under DataX and Addax: which one, how it is started, and its class-data archive."""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from engines import process
from engines.base import EngineError, Launch

VERSION_SECONDS = 10.0
ARCHIVE_SECONDS = 120.0

# Archives of an application's classes without commercial features came with 10; older ones than this were not tried.
ARCHIVE_SINCE = 13
# Only this collector puts objects into an archive, which the others then take from it.
ARCHIVER = "-XX:+UseG1GC"

# The serial collector starts faster and costs no threads; the heap may grow as far as DataX's own default. C1 alone would harm long jobs,
# but C2 may begin a little later: code that runs ten thousand times within half a second is rarely worth its time.
# Measured on DataX's smallest job: 1.1 s as Java comes, 0.52 s with the archive, 0.40 s with all of these.
DEFAULTS = (
    "-XX:+UseSerialGC",
    "-Xms64m",
    "-Xmx1g",
    "-XX:-UsePerfData",
    "-XX:Tier4InvocationThreshold=20000",
    "-XX:Tier4MinInvocationThreshold=2400",
    "-XX:Tier4CompileThreshold=60000",
    "-XX:Tier4BackEdgeThreshold=160000",
)

# What a job document may ask for: sizes and collectors. Everything else, such as an agent or OnOutOfMemoryError, could run code.
ALLOWED_WISH = re.compile(
    r"-X(?:ms|mx|mn|ss)\d{1,8}[kKmMgG]?"
    r"|-XX:[+-]Use\w{1,30}GC"
    r"|-XX:(?:MaxMetaspaceSize|MaxDirectMemorySize|MetaspaceSize|NewSize|MaxNewSize)=\d{1,8}[kKmMgG]?"
    r"|-XX:(?:MaxRAMPercentage|InitialRAMPercentage|ParallelGCThreads|ConcGCThreads|NewRatio|SurvivorRatio)=[\d.]{1,8}"
    r"|-XX:[+-](?:HeapDumpOnOutOfMemoryError|ExitOnOutOfMemoryError|AlwaysPreTouch)"
)


def find(java: str) -> str | None:
    """The full path of the `java` program, None when there is none."""
    return shutil.which(java)


def version(java: str) -> int | None:
    """The major version, such as 8 or 17; None when the program does not say."""
    path = find(java)
    return None if path is None else _version(path, os.stat(path).st_mtime_ns)


@lru_cache(maxsize=16)
def _version(path: str, changed_at: int) -> int | None:
    said = bytearray()
    try:
        _run((path, "-version"), Path("/"), VERSION_SECONDS, said)
    except EngineError:
        return None
    found = re.search(rb'version "(?:1\.)?(\d+)', bytes(said))
    return int(found[1]) if found else None


def wishes(job: dict[str, Any]) -> tuple[str, ...]:
    """The JVM options that the document asks for, in `entry.jvm` as in DataX's core.json. Raises ValueError for one not allowed."""
    entry = job.get("entry")
    text = entry.get("jvm") if isinstance(entry, dict) else None
    options = tuple(text.split()) if isinstance(text, str) else ()
    for option in options:
        if not ALLOWED_WISH.fullmatch(option):
            raise ValueError(option)
    return options


def options(asked: Iterable[str], wished: Iterable[str]) -> list[str]:
    """The defaults, the settings' and the document's options; of two that say the same thing the JVM takes the last.

    Two collectors would stop the JVM, so an earlier choice gives way to a later one.
    """
    chosen: list[str] = []
    for option in (*DEFAULTS, *asked, *wished):
        if _is_collector(option):
            chosen = [kept for kept in chosen if not _is_collector(kept)]
        chosen.append(option)
    return chosen


def heap_bytes(options: Iterable[str]) -> int:
    """How large the heap may grow with these options."""
    units = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
    sizes = [found for option in options if (found := re.fullmatch(r"-Xmx(\d{1,18})([kKmMgG]?)", option))]
    return int(sizes[-1][1]) * units[sizes[-1][2].lower()] if sizes else 0


def _is_collector(option: str) -> bool:
    return re.fullmatch(r"-XX:\+Use\w+GC", option) is not None


class ClassArchive:
    """One class-data archive for a set of jars and a Java version, made in the background by the first process that misses it.

    A static one, of two steps. A dynamic one takes one step, but leaves out classes as old as logback's and most of what makes them fast.
    """

    def __init__(self, folder: Path, java: str, jars: list[Path]) -> None:
        stamp = [java, str(version(java)), *(f"{jar} {jar.stat().st_size} {jar.stat().st_mtime_ns}" for jar in jars)]
        self.path = folder / f"{hashlib.sha256(repr(stamp).encode()).hexdigest()[:16]}.jsa"
        self._supported = (version(java) or 0) >= ARCHIVE_SINCE

    def options(self) -> list[str]:
        """What makes the JVM use the archive; nothing while there is none. A damaged one is passed over by the JVM."""
        if not (self._supported and self.path.exists()):
            return []
        return [f"-XX:SharedArchiveFile={self.path}", "-Xlog:cds=off"]

    def make(self, command: Callable[[Path], list[str]]) -> None:
        """Start making it beside the run, unless it exists or is being made. `command` runs a small job in the folder it is given."""
        if not self._supported or self.path.exists() or not _making.acquire(blocking=False):
            return
        Thread(target=self._make, args=(command,), name="class-archive", daemon=True).start()

    def _make(self, command: Callable[[Path], list[str]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="making-", dir=self.path.parent))
        try:
            program, *rest = command(folder)
            names, draft = folder / "classes", folder / self.path.name
            learned = _ran((program, f"-XX:DumpLoadedClassList={names}", *rest), folder)
            kept = [option for option in rest if not _is_collector(option)]
            dump = ("-Xshare:dump", f"-XX:SharedClassListFile={names}", f"-XX:SharedArchiveFile={draft}")
            if learned and _ran((program, ARCHIVER, *dump, *kept), folder) and draft.exists():
                draft.rename(self.path)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            _making.release()


def _ran(argv: tuple[str, ...], folder: Path) -> bool:
    """Whether a command came to a good end in time, with what jobs leave of the processors."""
    nice = shutil.which("nice", path=os.defpath)
    polite = (nice, "-n", "19", *argv) if nice else argv
    return _run(polite, folder, ARCHIVE_SECONDS, bytearray()) == 0


def _run(argv: tuple[str, ...], folder: Path, seconds: float, said: bytearray) -> int:
    """The exit code of a command that is killed when its time is over; `said` gets the beginning of each piece of its output."""
    child = process.start(Launch(argv, folder, {"PATH": os.defpath}))
    ticks = iter(range(int(seconds)))
    return child.supervise(
        lambda _, chunk: said.extend(chunk[:2000]),
        lambda: child.stop(0) if next(ticks, None) is None else None,
        every=1,
    )


_making = Lock()

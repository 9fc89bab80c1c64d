"""streamwriter: rows on stdout, into one file, or nowhere."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from engines.duckdb.failure import Failure
from engines.duckdb.parameters import Arguments, Codes, Parameter, Support
from engines.duckdb.pipe import copy_lines, draining
from engines.duckdb.plugins import Plugin
from engines.duckdb.rows import Counted
from engines.duckdb.session import Session
from engines.duckdb.types import literal
from engines.duckdb.writers.lines import joined, texts

# streamwriter has no code of its own for a missing parameter: none is required.
CODES = Codes(required="StreamWriter-01", illegal="StreamWriter-02")

PARAMETERS = (
    Parameter("print", note="Default true."),
    Parameter("fieldDelimiter", note="Default a tab. All but its last character also ends each line, as in DataX."),
    Parameter("path", note="With fileName: write there instead of to stdout. An old file of that name goes."),
    Parameter("fileName"),
    Parameter("recordNumBeforeSleep", note="With path only: pause once after so many rows."),
    Parameter("sleepTime", note="Seconds of that pause."),
    Parameter("encoding", note="DataX reads it nowhere: it writes UTF-8, and so does this engine."),
    Parameter("visible", Support.UNNEEDED, "DataX reads it nowhere; old examples have it."),
    Parameter("column", Support.UNNEEDED, "DataX reads it nowhere; old examples have it."),
)


@dataclass(frozen=True, slots=True)
class StreamWriter:
    shown: bool
    delimiter: str
    file: Path | None
    pause_after: int
    pause_seconds: int

    attached: ClassVar[bool] = False

    @property
    def restartable(self) -> bool:
        return self.file is not None or not self.shown

    def prepare(self, session: Session, slices: int) -> None:
        if self.file is None:
            return
        folder = self.file.parent
        if folder.is_file():
            raise Failure("StreamWriter-01", "path %(path)s is a file, not a folder.", {"path": str(folder)})
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            values = {"path": str(folder), "reason": error.strerror}
            raise Failure("StreamWriter-02", "The folder %(path)s cannot be made: %(reason)s.", values) from error

    def write(self, session: Session, rows: Counted, number: int) -> None:
        if self.file is not None:
            self._into_file(session, rows, number, self.file)
        elif self.shown or session.pace:
            self._onto_stdout(session, rows)
        else:
            # Each column is asked for, so that the source is really read.
            counts = ", ".join(f"count(c{column})" for column in range(len(rows.columns)))
            session.db.execute(f"SELECT {counts} FROM ({rows.select}) AS passed").fetchall()

    def _onto_stdout(self, session: Session, rows: Counted) -> None:
        lines = WholeLines(session.pacing(session.log.raw if self.shown else _nowhere))
        with draining(lines.take) as descriptor:
            session.db.execute(copy_lines(self._select(rows), descriptor))
        lines.rest()

    def _into_file(self, session: Session, rows: Counted, number: int, final: Path) -> None:
        with session.parts.of(final).section(number) as file:
            sink = Pausing(session.pacing(file), self.pause_after, self.pause_seconds)
            with draining(sink.take) as descriptor:
                session.db.execute(copy_lines(self._select(rows), descriptor))

    def _select(self, rows: Counted) -> str:
        line = joined(rows, texts(rows, "null"), self.delimiter)
        # DataX cuts one character off the delimiter after the last cell, not the whole of it.
        return f"SELECT {line} || {literal(self.delimiter[:-1])} FROM ({rows.select}) AS passed"

    def publish(self, session: Session) -> None:
        session.parts.publish()

    def discard(self, session: Session) -> None:
        session.parts.discard()


def _nowhere(chunk: bytes) -> None:
    """Where rows go that only a speed limit makes us look at."""


class WholeLines:
    """Passes on whole lines only, so that rows and the log do not mix within a line."""

    def __init__(self, sink: Callable[[bytes], object]) -> None:
        self.sink = sink
        self.kept = b""

    def take(self, chunk: bytes) -> None:
        head, newline, tail = chunk.rpartition(b"\n")
        if newline:
            self.sink(self.kept + head + newline)
            self.kept = b""
        self.kept += tail

    def rest(self) -> None:
        if self.kept:
            self.sink(self.kept)


class Pausing:
    """Pauses once, after a number of lines."""

    def __init__(self, sink: Callable[[bytes], object], lines: int, seconds: int) -> None:
        self.sink = sink
        self.left = lines if seconds else 0
        self.seconds = seconds

    def take(self, chunk: bytes) -> None:
        for line in chunk.splitlines(keepends=True) if self.left else ():
            self.sink(line)
            chunk = chunk[len(line) :]
            self.left -= line.endswith(b"\n")
            if not self.left:
                time.sleep(self.seconds)
                break
        if chunk:
            self.sink(chunk)


def plan(arguments: Arguments) -> StreamWriter:
    path, name = (arguments.text("path") or "").strip(), (arguments.text("fileName") or "").strip()
    delimiter = arguments.text("fieldDelimiter", "\t") or ""
    if not delimiter:
        arguments.refuse("fieldDelimiter", "An empty %(name)s makes DataX cut off the end of each row; give one.")
    return StreamWriter(
        shown=arguments.flag("print", True),
        delimiter=delimiter,
        file=Path(path, name) if path and name else None,
        pause_after=arguments.number("recordNumBeforeSleep", 0),
        pause_seconds=arguments.number("sleepTime", 0),
    )


PLUGIN: Plugin[StreamWriter] = Plugin("streamwriter", PARAMETERS, CODES, plan)

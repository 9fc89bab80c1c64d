"""txtfilewriter: delimited text, a file per slice."""

import contextlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from engines.duckdb import javatext
from engines.duckdb.dates import JavaDate, PatternError
from engines.duckdb.failure import Failure
from engines.duckdb.parameters import Arguments, Codes, Parameter, Support
from engines.duckdb.pipe import copy_lines, draining
from engines.duckdb.plugins import Plugin
from engines.duckdb.rows import Counted
from engines.duckdb.session import Session
from engines.duckdb.text.charsets import codec
from engines.duckdb.text.sink import Bzip2, Chain, Gzip, Recode, Stage, Unmarked
from engines.duckdb.types import literal
from engines.duckdb.writers.lines import LineFormat, csv_cell, line_of

CODES = Codes(required="TxtFileWriter-01", illegal="UnstructuredStorageWriter-00")
MODE_MISSING = "UnstructuredStorageWriter-04"
CONFLICT = "TxtFileWriter-02"
NOT_MADE = "TxtFileWriter-00"
NOT_CLEANED = "TxtFileWriter-03"
NOT_CREATED = "TxtFileWriter-04"
NOT_WRITTEN = "UnstructuredStorageWriter-02"
# DataX looks at these words as they are written.
MODES = ("truncate", "append", "nonConflict")
NOT_SQL = "only the file formats text and csv are written."

PARAMETERS = (
    Parameter("path", note="A folder; it is made where it is missing."),
    Parameter("fileName", note="Each slice writes a file `fileName__` and a random word."),
    Parameter(
        "writeMode",
        note="truncate, append, nonConflict. What truncate removes goes when the new files are complete, so a failed job "
        "leaves the old ones.",
    ),
    Parameter("fileFormat", note="text (default, no quoting at all) or csv."),
    Parameter("fieldDelimiter", note="Default a comma; of any length in text, one character in csv."),
    Parameter("lineDelimiter", note="Default a line feed; in csv its first character counts."),
    Parameter("encoding", note="Default UTF-8. What it cannot write becomes `?`, as in DataX."),
    Parameter("compress", note="gzip, bzip2. The file's name stays as it is."),
    Parameter("nullFormat", note="Default `null`."),
    Parameter("dateFormat", note="Java's letters y M d H h a m s S D and, for the zone, X Z z; others are refused."),
    Parameter("format", note="The old name of dateFormat."),
    Parameter("header", note="A list of names: the first line of each file."),
    Parameter("byteEncoding", note="base64 writes bytes so; else they are text."),
    Parameter("csvWriterConfig", note="`forceQualifier`, `useTextQualifier`; others are refused."),
    Parameter(
        "charset", Support.UNNEEDED, "DataX's txtfilewriter does not look at it: the character set is `encoding`."
    ),
    Parameter("suffix", Support.UNNEEDED, "DataX's txtfilewriter does not look at it."),
    Parameter("maxFileSize", Support.UNNEEDED, "DataX's txtfilewriter does not look at it."),
    Parameter("table", Support.REFUSED, NOT_SQL),
    Parameter("quoteChar", Support.REFUSED, NOT_SQL),
    Parameter("commitSize", Support.REFUSED, NOT_SQL),
)


@dataclass(frozen=True)
class TxtFileWriter:
    folder: Path
    prefix: str
    mode: str
    line: LineFormat
    header: tuple[str, ...] = ()
    codec: str = "utf-8"
    compress: str | None = None

    attached: ClassVar[bool] = False
    restartable: ClassVar[bool] = True

    def prepare(self, session: Session, slices: int) -> None:
        if self.folder.is_file():
            raise Failure(CONFLICT, "path %(path)s is a file, not a folder.", {"path": str(self.folder)})
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            session.replaced = self._present()
        except OSError as error:
            values = {"path": str(self.folder), "reason": error.strerror}
            raise Failure(NOT_MADE, "The folder %(path)s cannot be made or read: %(reason)s.", values) from error
        if self.mode == "nonConflict" and session.replaced:
            values = {"path": str(self.folder), "name": session.replaced[0].name}
            template = "%(path)s already holds %(name)s. Remove it, or choose another fileName or writeMode."
            raise Failure(CONFLICT, template, values)

    def _present(self) -> list[Path]:
        """What the folder holds under the job's name already, and what an earlier run that was killed left behind."""
        names = sorted(os.listdir(self.folder))
        left = re.compile(rf"\.{re.escape(self.prefix)}__[0-9a-f_]+\.(\d+)\.part")
        stale = [name for name in names if (found := left.fullmatch(name)) and not _alive(int(found[1]))]
        return [self.folder / name for name in names if name.startswith(self.prefix)] + [
            self.folder / name for name in stale
        ]

    def write(self, session: Session, rows: Counted, number: int) -> None:
        unmarked = Unmarked() if not self.line.end.endswith("\n") else None
        end = self.line.end + unmarked.mark if unmarked else self.line.end[:-1]
        select = f"SELECT {line_of(rows, self.line)} || {literal(end)} FROM ({rows.select}) AS passed"
        with _told(self._file(session, number)) as file:
            chain = Chain(file, [*([unmarked] if unmarked else []), *self._stages()])
            with draining(session.pacing(chain.take), wide=session.pace is None) as descriptor:
                self._write_header(chain, unmarked)
                session.db.execute(copy_lines(select if end else select.replace(" || ''", "", 1), descriptor))
            chain.end()

    def _file(self, session: Session, number: int) -> contextlib.AbstractContextManager[Callable[[bytes], object]]:
        name = session.names.setdefault(number, f"{self.prefix}__{str(uuid.uuid4()).replace('-', '_')}")
        return session.parts.of(self.folder / name).section(0)

    def _stages(self) -> list[Stage]:
        pack: dict[str | None, list[Callable[[], Stage]]] = {None: [], "gzip": [Gzip], "bzip2": [Bzip2]}
        recode: list[Stage] = [] if self.codec == "utf-8" else [Recode(self.codec)]
        return recode + [make() for make in pack[self.compress]]

    def _write_header(self, chain: Chain, unmarked: Unmarked | None) -> None:
        if self.header:
            cells = [
                csv_cell(name, number == 0, self.line) if self.line.csv else name
                for number, name in enumerate(self.header)
            ]
            end = f"{self.line.end}{unmarked.mark}\n" if unmarked else self.line.end
            chain.take((self.line.delimiter.join(cells) + end).encode())

    def publish(self, session: Session) -> None:
        """The new files first, then the old ones go: a reader in between sees too much rather than nothing."""
        session.parts.publish()
        for old in session.replaced if self.mode == "truncate" else ():
            try:
                shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink(missing_ok=True)
            except OSError as error:
                values = {"path": str(old), "reason": error.strerror}
                raise Failure(NOT_CLEANED, "%(path)s cannot be removed: %(reason)s.", values) from error

    def discard(self, session: Session) -> None:
        session.parts.discard()


@contextlib.contextmanager
def _told(
    section: contextlib.AbstractContextManager[Callable[[bytes], object]],
) -> Iterator[Callable[[bytes], object]]:
    """Say in DataX's codes what went wrong with a file: it could not be made, or not be written."""
    opened = False
    try:
        with section as file:
            opened = True
            yield file
    except OSError as error:
        template = "The file cannot be written: %(reason)s." if opened else "The file cannot be made: %(reason)s."
        values = {"reason": error.strerror or str(error)}
        raise Failure(NOT_WRITTEN if opened else NOT_CREATED, template, values) from error


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def plan(arguments: Arguments) -> TxtFileWriter:
    folder, prefix = arguments.required_text("path"), arguments.required_text("fileName")
    if "/" in prefix:
        arguments.refuse("fileName", "fileName is a name, not a path: put the folder into path.", code=CONFLICT)
    return TxtFileWriter(
        folder=Path(folder or "."),
        prefix=prefix,
        mode=_mode(arguments),
        line=_line(arguments),
        header=tuple(arguments.texts("header")),
        codec=_codec(arguments),
        compress=arguments.one_of("compress", ("gzip", "bzip2"), None),
    )


def _mode(arguments: Arguments) -> str:
    mode = (arguments.text("writeMode") or "").strip()
    if not mode:
        arguments.refuse("writeMode", "txtfilewriter needs the parameter writeMode.", code=MODE_MISSING)
    elif mode not in MODES:
        arguments.refuse("writeMode", "writeMode must be one of %(modes)s.", {"modes": ", ".join(MODES)})
    return mode


def _codec(arguments: Arguments) -> str:
    name = (arguments.text("encoding") or "").strip() or "UTF-8"
    found = codec(name)
    if found is None:
        arguments.refuse("encoding", "There is no character set %(encoding)s.", {"encoding": name})
    return found or "utf-8"


def _line(arguments: Arguments) -> LineFormat:
    file_format = (arguments.text("fileFormat") or "").strip() or "text"
    if file_format not in ("text", "csv"):
        arguments.refuse("fileFormat", "fileFormat must be text or csv.")
    csv = file_format == "csv"
    delimiter = arguments.text("fieldDelimiter", ",") or ""
    if csv and javatext.length(delimiter) != 1:
        arguments.refuse("fieldDelimiter", "In csv fieldDelimiter must be a single character.")
    end = arguments.text("lineDelimiter", "\n") or ""
    if csv and not end:
        arguments.refuse("lineDelimiter", "In csv lineDelimiter must not be empty.")
    config = _csv_config(arguments)
    return LineFormat(
        delimiter=delimiter,
        end=end[:1] if csv else end,
        csv=csv,
        null=arguments.text("nullFormat", "null") or "",
        date=_date(arguments),
        base64=(arguments.text("byteEncoding") or "").lower() == "base64",
        force=config.get("forceQualifier", False),
        qualify=config.get("useTextQualifier", True),
    )


def _csv_config(arguments: Arguments) -> dict[str, bool]:
    config: Any = arguments.raw("csvWriterConfig")
    if isinstance(config, str) and config.strip():
        with contextlib.suppress(ValueError):
            config = json.loads(config)
    if config in (None, ""):
        return {}
    if not isinstance(config, dict):
        arguments.refuse("csvWriterConfig", "csvWriterConfig must be an object.")
        return {}
    for name, value in config.items():
        if name not in ("forceQualifier", "useTextQualifier") or str(value).lower() not in ("true", "false"):
            template = "txtfilewriter here does not support this %(name)s of csvWriterConfig."
            arguments.refuse(f"csvWriterConfig/{name}", template, {"name": name})
    return {name: str(value).lower() == "true" for name, value in config.items()}


def _date(arguments: Arguments) -> str | None:
    """The date format in strftime's letters, None for DataX's default."""
    name = "dateFormat" if arguments.raw("dateFormat") is not None else "format"
    pattern = arguments.text(name) or ""
    if not pattern.strip():
        return None
    try:
        return JavaDate(pattern).printed
    except PatternError:
        template = "The date format %(format)s cannot be printed here exactly as Java does; run this job with the engine datax."
        arguments.refuse(name, template, {"format": pattern})
        return None


PLUGIN: Plugin[TxtFileWriter] = Plugin("txtfilewriter", PARAMETERS, CODES, plan)

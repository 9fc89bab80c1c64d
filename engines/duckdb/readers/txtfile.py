"""txtfilereader: delimited text files, a slice each."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engines.duckdb import javatext
from engines.duckdb.dates import JavaDate, PatternError
from engines.duckdb.parameters import NOT_READ, Arguments, Codes, Parameter, Support
from engines.duckdb.plugins import Plugin
from engines.duckdb.session import Session
from engines.duckdb.text.cells import Cell
from engines.duckdb.text.charsets import codec
from engines.duckdb.text.paths import files_of
from engines.duckdb.text.records import Rules
from engines.duckdb.text.source import TextFormat, TextSlice
from engines.duckdb.types import Kind

CODES = Codes(required="TxtFileReader-00", illegal="TxtFileReader-01")
DELIMITER_ILLEGAL = "UnstructuredStorageReader-03"
TYPES = {"string": Kind.STRING, "long": Kind.LONG, "double": Kind.DOUBLE, "boolean": Kind.BOOL, "date": Kind.DATE}

PARAMETERS = (
    Parameter(
        "path", note="A file, a folder (read with all below it) or a pattern with `*` and `?`; or a list of them."
    ),
    Parameter("column", note='`index` or `value`, `type`, `format`; `["*"]` or nothing: every cell a string.'),
    Parameter("fieldDelimiter", note="One character, default a comma."),
    Parameter("encoding", note="Any character set of Java's that Python has; default UTF-8."),
    Parameter(
        "compress",
        note="gzip, bzip2, zip. Of a gzip or bzip2 file with several parts all are read, not the first alone.",
    ),
    Parameter("skipHeader", note="Drops the first line of each file."),
    Parameter("nullFormat", note="No default: without it there are no NULLs."),
    Parameter(
        "csvReaderConfig",
        note="`trimWhitespace`, `useTextQualifier`, `textQualifier`, `skipEmptyRecords`, `useComments`, `comment`, `delimiter`, "
        "`escapeMode`; of a character given as a number DataX takes the first digit; `safetySwitch`, `caseSensitive`, "
        "`captureRawRecord` have no effect; others are refused.",
    ),
    Parameter(
        "charset", Support.UNNEEDED, "DataX's txtfilereader does not look at it: the character set is `encoding`."
    ),
    Parameter("bufferSize", Support.UNNEEDED, "Buffers do not change what is read."),
    Parameter("fileFormat", Support.UNNEEDED, "DataX's txtfilereader does not look at it: every text is read as CSV."),
)

CSV_SWITCHES = ("trimWhitespace", "useTextQualifier", "skipEmptyRecords", "useComments")
CSV_CHARACTERS = ("delimiter", "textQualifier", "comment")
# A quote within quotes is written twice, or a backslash stands before it.
ESCAPE_MODES = ("1", "2")
BACKSLASHES = "2"
CSV_UNNEEDED = ("safetySwitch", "caseSensitive", "captureRawRecord")


@dataclass(frozen=True)
class TxtFileReader:
    paths: tuple[str, ...]
    form: TextFormat

    def slices(self, session: Session, channels: int) -> Sequence[TextSlice]:
        return [TextSlice(file, self.form) for file in files_of(self.paths)]


def plan(arguments: Arguments) -> TxtFileReader:
    paths = arguments.texts("path")
    if arguments.raw("path") in (None, []) or not all(path.strip() for path in paths):
        arguments.refuse("path", "txtfilereader needs the parameter path.", code=CODES.required)
    form = TextFormat(
        columns=_columns(arguments),
        rules=_rules(arguments),
        codec=_codec(arguments),
        compress=arguments.one_of("compress", ("gzip", "bzip2", "zip"), None),
        skip_header=arguments.flag("skipHeader", False),
        null=arguments.text("nullFormat"),
    )
    return TxtFileReader(tuple(paths), form)


def _codec(arguments: Arguments) -> str:
    name = (arguments.text("encoding") or "").strip() or "UTF-8"
    found = codec(name)
    if found is None:
        arguments.refuse("encoding", "There is no character set %(encoding)s.", {"encoding": name})
    return found or "utf-8"


def _rules(arguments: Arguments) -> Rules:
    delimiter = arguments.text("fieldDelimiter", ",") or ""
    if javatext.length(delimiter) != 1:
        template = "fieldDelimiter must be a single character."
        arguments.refuse("fieldDelimiter", template, code=DELIMITER_ILLEGAL)
        delimiter = ","
    config = _csv_config(arguments)
    rules = Rules(
        delimiter=_character(arguments, config, "delimiter", delimiter),
        quote=_character(arguments, config, "textQualifier", '"') if config.get("useTextQualifier", True) else "",
        trim=bool(config.get("trimWhitespace", True)),
        skip_empty=bool(config.get("skipEmptyRecords", True)),
        comment=_character(arguments, config, "comment", "#") if config.get("useComments", False) else "",
        escapes=str(config.get("escapeMode")) == BACKSLASHES,
    )
    if rules.delimiter in ("\r", "\n", "\0", rules.quote, rules.comment):
        arguments.refuse(
            "fieldDelimiter", "This delimiter has another meaning in the file already.", code=DELIMITER_ILLEGAL
        )
    return rules


def _csv_config(arguments: Arguments) -> Mapping[str, Any]:
    """The object, or the text of one. Text that is none counts as not given: DataX says so in its log and goes on."""
    config = arguments.raw("csvReaderConfig")
    if isinstance(config, str) and config.strip():
        try:
            config = json.loads(config)
        except ValueError:
            arguments.refuse("csvReaderConfig", "csvReaderConfig must be an object.")
    if not isinstance(config, dict):
        return {}
    switches = CSV_SWITCHES + CSV_UNNEEDED
    for name, value in config.items():
        place = f"csvReaderConfig/{name}"
        if name in switches and str(value).lower() not in ("true", "false"):
            arguments.refuse(place, "%(name)s must be true or false.", {"name": name})
        elif name == "escapeMode" and str(value) not in ESCAPE_MODES:
            arguments.refuse(place, "%(name)s must be 1 or 2.", {"name": name})
        elif name not in (*switches, *CSV_CHARACTERS, "escapeMode"):
            arguments.refuse(place, "txtfilereader here does not support %(name)s of csvReaderConfig.", {"name": name})
    return {name: str(value).lower() == "true" if name in switches else value for name, value in config.items()}


def _character(arguments: Arguments, config: Mapping[str, Any], name: str, default: str) -> str:
    """The first character of the value: of a number DataX takes its first digit, not the character of that code."""
    value = str(config.get(name, default))[:1]
    if javatext.length(value) != 1:
        arguments.refuse(f"csvReaderConfig/{name}", "%(name)s must be a single character.", {"name": name})
        return default
    return value


def _columns(arguments: Arguments) -> tuple[Cell, ...] | None:
    columns = arguments.raw("column")
    if columns in (None, [], ["*"], "*"):
        return None
    if not isinstance(columns, list) or not all(isinstance(each, dict) for each in columns):
        arguments.refuse("column", 'column must be a list of objects, or ["*"].', code=CODES.required)
        return None
    return tuple(_cell(arguments, number, column) for number, column in enumerate(columns))


def _cell(arguments: Arguments, number: int, column: Mapping[str, Any]) -> Cell:
    place = f"column/{number}"
    for name in set(column) - {"index", "value", "type", "format", "name"}:
        arguments.refuse(f"{place}/{name}", "txtfilereader here does not know %(name)s in a column.", {"name": name})
    kind = str(column.get("type") or "").strip()
    if not kind:
        arguments.refuse(f"{place}/type", "A column needs a type.", code=CODES.required)
    index, value = _index(arguments, place, column), column.get("value")
    if index is None and value is None:
        arguments.refuse(place, "A column needs an index or a value.", code="TxtFileReader-03")
    if index is not None and value is not None:
        arguments.refuse(place, "A column has either an index or a value, not both.", code="TxtFileReader-02")
    return Cell(TYPES.get(kind.lower()), index, _constant(value), _pattern(arguments, place, column), kind)


def _constant(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _index(arguments: Arguments, place: str, column: Mapping[str, Any]) -> int | None:
    index = column.get("index")
    if index is None:
        return None
    if not re.fullmatch(r"\+?\d+", str(index)):
        code = None if re.fullmatch(r"-\d+", str(index)) else NOT_READ
        arguments.refuse(f"{place}/index", "index must be a whole number, 0 or more.", code=code)
        return 0
    return int(index)


def _pattern(arguments: Arguments, place: str, column: Mapping[str, Any]) -> JavaDate | None:
    pattern = column.get("format")
    if not isinstance(pattern, str) or not pattern.strip() or str(column.get("type")).lower() != "date":
        return None
    try:
        return JavaDate.to_read(pattern)
    except PatternError:
        template = (
            "The date format %(format)s cannot be read here exactly as Java does; run this job with the engine datax."
        )
        arguments.refuse(f"{place}/format", template, {"format": pattern})
        return None


PLUGIN: Plugin[TxtFileReader] = Plugin("txtfilereader", PARAMETERS, CODES, plan)

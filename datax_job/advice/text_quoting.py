"""Text files without quotes."""

from collections.abc import Iterator

from datax_job.finding import Finding
from datax_job.problem import Severity, Text
from datax_job.view import Job, Part

# What may well stand in a text. Control characters such as \u0001 are chosen because they do not.
_ORDINARY = set(",;|\t: ")


def delimiter_in_the_data(job: Job) -> Iterator[Finding]:
    """The format `text` writes values as they are: one that holds the delimiter or a line break reads back as two."""
    for writer in (*job.sides("writer", "file"), *job.sides("writer", "object")):
        if writer.parameter.get("fileFormat", "text") in ("text", "") and _ordinary(writer):
            text = Text('a value that holds the delimiter is torn in two; write "fileFormat": "csv", which quotes it')
            yield Finding(writer.at("fileFormat"), text, Severity.ADVICE)


def _ordinary(writer: Part) -> bool:
    delimiter = writer.parameter.get("fieldDelimiter", ",")
    return isinstance(delimiter, str) and len(delimiter) == 1 and delimiter in _ORDINARY

"""What a document may say to DataX itself, beside its job: figures, but neither classes nor plugins of its own."""

from collections.abc import Iterator
from typing import Any

from datax_job import pointers
from datax_job.problem import Text
from webapp.policy.parts import Refusal


def refused(job: dict[str, Any]) -> Iterator[Refusal]:
    """DataX lays the document over its own configuration, where classes are named that it loads and folders that it loads them from."""
    for pointer, name in pointers.names(job):
        if name in ("$ref", "@type"):
            template = (
                "%(name)s is an instruction to the parser of older versions of DataX, so it may not be a name here"
            )
            yield pointer, Text(template, {"name": name})
    if job.get("plugin"):
        yield "/plugin", Text("a job may not describe plugins; install them in DATAX_HOME")
    for section in ("core", "common"):
        for pointer, _ in pointers.strings(job.get(section), f"/{section}"):
            if any(name.lower().endswith("class") for name in pointers.split(pointer)):
                yield pointer, Text("a job may not name classes that DataX is to load")

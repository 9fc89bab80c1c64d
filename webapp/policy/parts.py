"""The parts of a filled job that a policy looks at. Nothing is taken for granted of their shape: a rule must not be passed by oddness."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from datax_job import pointers
from datax_job.problem import Text

Refusal = tuple[str, Text]


@dataclass(frozen=True, slots=True)
class Part:
    """A reader, writer or transformer. `value` is its whole object."""

    side: str
    pointer: str
    name: str
    value: dict[str, Any]

    @property
    def parameter(self) -> dict[str, Any]:
        found = self.value.get("parameter")
        return found if isinstance(found, dict) else {}

    def strings(self) -> Iterator[tuple[str, str]]:
        """Every text in its parameters, at any depth, with its pointer."""
        return pointers.strings(self.value.get("parameter"), f"{self.pointer}/parameter")


def of(job: dict[str, Any]) -> Iterator[Part]:
    frame = job.get("job")
    content = frame.get("content") if isinstance(frame, dict) else None
    for index, each in enumerate(content if isinstance(content, list) else [content]):
        if isinstance(each, dict):
            yield from _of_content(each, f"/job/content/{index}")


def _of_content(content: dict[str, Any], pointer: str) -> Iterator[Part]:
    for side in ("reader", "writer"):
        yield from _part(side, f"{pointer}/{side}", content.get(side))
    steps = content.get("transformer")
    for index, step in enumerate(steps if isinstance(steps, list) else [steps]):
        yield from _part("transformer", f"{pointer}/transformer/{index}", step)


def _part(side: str, pointer: str, value: Any) -> Iterator[Part]:
    if isinstance(value, dict):
        yield Part(side, pointer, str(value.get("name")), value)

"""What a job needs of the machine that runs it: small enough to stay with its task, and told from the document alone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engines.base import EngineStatus


@dataclass(frozen=True, slots=True)
class Needs:
    """`engines` are those of which each would do, provided that it is there and has the readers and writers."""

    engines: tuple[str, ...]
    readers: tuple[str, ...]
    writers: tuple[str, ...]

    def as_dict(self) -> dict[str, list[str]]:
        return {name: list(value) for name, value in asdict(self).items()}

    @classmethod
    def of_dict(cls, value: Mapping[str, list[str]]) -> "Needs":
        return cls(*(tuple(value[name]) for name in ("engines", "readers", "writers")))


def can_run(needs: Needs | None, engines: Iterable[EngineStatus]) -> bool:
    """Whether a machine with these engines can run a job. What nobody knows the needs of, every machine may try."""
    return needs is None or any(_serves(status, needs) for status in engines)


def plugins_of(job: dict[str, Any], side: str) -> Iterator[tuple[str, Any]]:
    """The names of a document's readers or writers, each with its place."""
    content = job.get("job", {}).get("content", [])
    for index, part in enumerate(content if isinstance(content, list) else [content]):
        yield f"/job/content/{index}/{side}/name", part.get(side, {}).get("name")


def _serves(status: EngineStatus, needs: Needs) -> bool:
    return (
        status.available
        and status.name in needs.engines
        and set(needs.readers) <= set(status.readers)
        and set(needs.writers) <= set(status.writers)
    )

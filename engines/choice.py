"""Which engine `auto` takes for a document and why, and what keeps each other one from it: for people to read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datax_job.problem import Problem, Text
from engines import registry
from engines.base import EngineError, Offer

# What one engine cannot do is told by its first reasons; nobody reads more of them in a line.
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """`name` is None where no engine can run the job. `obstacles` has the reasons of each engine that cannot, by its name."""

    name: str | None
    reason: Text
    obstacles: Mapping[str, tuple[Text, ...]]


def choice(job: dict[str, Any], engines: Mapping[str, Offer]) -> Choice:
    """What `auto` comes to. The document must have passed the static check."""
    obstacles = {name: tuple(_obstacles(engine, job)) for name, engine in engines.items()}
    standing = {name: reasons for name, reasons in obstacles.items() if reasons}
    try:
        chosen = registry.choose("auto", job, engines)
    except EngineError as error:
        return Choice(None, error.text, standing)
    return Choice(chosen.name, registry.reason(chosen, job, engines), standing)


def _obstacles(engine: Offer, job: dict[str, Any]) -> Iterator[Text]:
    status = engine.status()
    if not status.available:
        yield Text("%(reason)s", {"reason": status.reason})
        return
    yield from (_told(problem) for problem in engine.refusals(job)[:_MOST_REASONS])


def _told(problem: Problem) -> Text:
    return Text("%(pointer)s: %(message)s", {"pointer": problem.pointer or "/", "message": problem.text})

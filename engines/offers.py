"""Engines of many machines taken together: what one of them has, all offer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from datax_job.problem import Problem
from engines.base import Engine, EngineStatus

Announced = Callable[[], Sequence[EngineStatus]]


class SharedEngine:
    """An engine that is offered where it is on this machine, or on any of those that announced what they have."""

    def __init__(self, own: Engine, announced: Announced) -> None:
        self.name = own.name
        self._own = own
        self._announced = announced

    def status(self) -> EngineStatus:
        return together(self._everywhere())

    def refusals(self, job: dict[str, Any]) -> list[Problem]:
        """Empty when one machine alone can run the whole job; else what the one that lacks the least says."""
        there = [status for status in self._everywhere() if status.available] or [self._own.status()]
        return min((self._own.refusals_at(status, job) for status in there), key=len)

    def refusals_at(self, status: EngineStatus, job: dict[str, Any]) -> list[Problem]:
        return self._own.refusals_at(status, job)

    def _everywhere(self) -> list[EngineStatus]:
        return [self._own.status(), *(status for status in self._announced() if status.name == self.name)]


def shared(engines: Mapping[str, Engine], announced: Announced) -> dict[str, SharedEngine]:
    return {name: SharedEngine(engine, announced) for name, engine in engines.items()}


def together(statuses: Sequence[EngineStatus]) -> EngineStatus:
    """One status for several machines. The first is this one's, whose reason counts when none has the engine."""
    there = [status for status in statuses if status.available]
    if not there:
        return statuses[0]
    versions = sorted({status.version for status in there if status.version})
    return EngineStatus(
        there[0].name,
        True,
        ", ".join(versions) or None,
        None,
        readers=_all(status.readers for status in there),
        writers=_all(status.writers for status in there),
        transformers=_all(status.transformers for status in there),
        channel_limits=_all(status.channel_limits for status in there),
    )


def _all(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({name for some in names for name in some}))

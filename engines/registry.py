"""The engines there are, and which of them runs a job."""

from collections.abc import Mapping
from typing import Any

from datax_job.problem import Problem, Text
from engines.addax import AddaxEngine
from engines.base import Engine, EngineError, EngineSettings, EngineStatus, Offer, Offered
from engines.datax import DataXEngine
from engines.duckdb import DuckDBEngine
from engines.needs import Needs, plugins_of

# Those that `auto` tries, in this order.
AUTOMATIC = ("datax", "duckdb")


class EngineRefusal(EngineError):
    """No engine can run the job; `problems` name the plugins and parameters that stand in the way."""

    def __init__(self, text: Text, problems: list[Problem]) -> None:
        super().__init__("engine-refusal", text)
        self.problems = problems


def engines(settings: EngineSettings) -> dict[str, Engine]:
    """Every engine by its name, in the order in which `auto` tries them."""
    known: tuple[Engine, ...] = (DataXEngine(settings), DuckDBEngine(settings), AddaxEngine(settings))
    return {engine.name: engine for engine in known}


def choose(requested: str, job: dict[str, Any], engines: Mapping[str, Offered]) -> Offered:
    """The engine that will run the job: the one asked for, or for `auto` the first that can. Raises EngineError, EngineRefusal."""
    if requested != "auto":
        return _asked_for(engines[requested], job)
    refusals: list[Problem] = []
    for engine in _automatic(engines):
        found = engine.refusals(job)
        if not found:
            return engine
        refusals = found  # the last one's say what is left to do: the embedded engine is always there
    raise EngineRefusal(_no_engine(engines), refusals)


def needs(requested: str, job: dict[str, Any], engines: Mapping[str, Offer]) -> Needs | None:
    """What the job needs of a machine: the engines that would run it if they were there. None when none would."""
    readers, writers = (_names(job, side) for side in ("reader", "writer"))
    would = []
    for name in AUTOMATIC if requested == "auto" else (requested,):
        complete = EngineStatus(name, True, readers=readers, writers=writers)
        if not engines[name].refusals_at(complete, job):
            would.append(name)
    return Needs(tuple(would), readers, writers) if would else None


def reason(engine: Offer, job: dict[str, Any], engines: Mapping[str, Offer]) -> Text:
    """Why `auto` takes this engine."""
    if engine.name == "datax":
        return Text("DataX is installed and has the job's plugins")
    if engines["datax"].status().available:
        return Text("the installed DataX lacks a plugin of the job, and the embedded engine can do it exactly")
    return Text("DataX is not installed, and the embedded engine can do the whole job exactly")


def _names(job: dict[str, Any], side: str) -> tuple[str, ...]:
    return tuple(sorted({str(name) for _, name in plugins_of(job, side)}))


def _asked_for(engine: Offered, job: dict[str, Any]) -> Offered:
    status = engine.status()
    if not status.available:
        values = {"engine": engine.name, "reason": status.reason}
        raise EngineError("engine-unavailable", Text("the engine %(engine)s is not available: %(reason)s", values))
    refusals = engine.refusals(job)
    if refusals:
        raise EngineRefusal(Text("the engine %(engine)s cannot run this job", {"engine": engine.name}), refusals)
    return engine


def _automatic(engines: Mapping[str, Offered]) -> list[Offered]:
    return [engines[name] for name in AUTOMATIC if engines[name].status().available]


def _no_engine(engines: Mapping[str, Offer]) -> Text:
    if engines["datax"].status().available:
        return Text(
            "no installed engine can run this job; install the plugin under DATAX_HOME, or change what is named"
        )
    return Text(
        "no installed engine can run this job; set DATAX_HOME to an unpacked DataX that has the plugin, or change what is named"
    )

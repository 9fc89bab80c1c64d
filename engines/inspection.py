"""What keeps the engines from running, each with its mend: for `flask doctor`."""

from collections.abc import Iterator
from dataclasses import dataclass

from datax_job.problem import Text
from engines import java, plugins_on_disk
from engines.addax import AddaxEngine
from engines.base import EngineSettings
from engines.datax import DataXEngine
from engines.duckdb import DuckDBEngine


@dataclass(frozen=True, slots=True)
class Finding:
    """One look at one thing. `mend` says what to do when it is not `ok`; what a setting names is `needed`."""

    name: str
    ok: bool
    detail: Text
    mend: Text | None = None
    needed: bool = False


def findings(settings: EngineSettings) -> list[Finding]:
    """The embedded engine, and Java, DataX and Addax as far as they are set up."""
    status = DuckDBEngine(settings).status()
    embedded = Finding(
        "engine duckdb",
        status.available,
        Text(status.reason or f"version {status.version}"),
        Text("run 'make run' again to install it"),
    )
    homes = [engine for engine in (DataXEngine(settings), AddaxEngine(settings)) if engine.home is not None]
    java_wanted = homes or settings.java != "java"
    return [
        embedded,
        *([_java(settings)] if java_wanted else []),
        *(found for engine in homes for found in _home(engine)),
    ]


def _java(settings: EngineSettings) -> Finding:
    version = java.version(settings.java)
    detail = (
        Text("version %(version)s", {"version": version})
        if version
        else Text("%(java)r does not start", {"java": settings.java})
    )
    return Finding("java", version is not None, detail, Text("install a Java runtime, or set JAVA_HOME to one"), True)


def _home(engine: DataXEngine) -> Iterator[Finding]:
    status = engine.status()
    values: dict[str, object] = {"name": engine.setting, "product": engine.product}
    if not status.available or engine.home is None:
        yield Finding(
            f"engine {engine.name}",
            False,
            Text(status.reason or ""),
            Text("set %(name)s to an unpacked %(product)s, or to nothing", values),
            needed=True,
        )
        return
    values |= {"home": engine.home, "readers": len(status.readers), "writers": len(status.writers)}
    detail = Text("%(home)s, %(readers)d readers, %(writers)d writers", values)
    yield Finding(
        f"engine {engine.name}",
        bool(status.readers and status.writers),
        detail,
        Text("unpack plugins into its plugin folder"),
    )
    for broken in plugins_on_disk.installed(engine.home).broken:
        yield Finding(
            f"plugin of {engine.name}", False, Text("%(broken)s", {"broken": broken}), Text("unpack that plugin again")
        )

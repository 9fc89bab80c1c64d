"""What every reader, writer and transformer offers. One file per plugin; a registry in each folder lists them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from engines.duckdb.parameters import Arguments, Codes, Parameter
from engines.duckdb.rows import Counted, Rows

if TYPE_CHECKING:
    from engines.duckdb.session import Session

Planned = TypeVar("Planned", covariant=True)


@dataclass(frozen=True, slots=True)
class Plugin(Generic[Planned]):
    """A plugin as the plan sees it. `plan` is pure: it looks at the arguments alone, and notes what it cannot do exactly."""

    name: str
    parameters: Sequence[Parameter]
    codes: Codes
    plan: Callable[[Arguments], Planned]


class Slice(Protocol):
    """A part of the source that one DataX task would read: a file, a range of keys, one channel's share."""

    @property
    def name(self) -> str: ...

    def open(self, session: "Session", exact: bool) -> AbstractContextManager[Rows]:
        """The rows, valid inside the context. `exact` asks for the slow way, which is right for every row; see `rows.Odd`."""


class Reader(Protocol):
    """A checked reader. It is data: frozen, comparable, without a connection."""

    def slices(self, session: "Session", channels: int) -> Sequence[Slice]:
        """Find what there is to read. Raises Failure before any writer has been touched."""


class Writer(Protocol):
    """A checked writer. `prepare` and everything after it may touch the target, `publish` makes it final."""

    @property
    def restartable(self) -> bool:
        """False where a row once written cannot be taken back: then the rows are read the exact way from the start."""

    @property
    def attached(self) -> bool:
        """True where `write` has DuckDB write into an attached database: see `Session.begin_slice`."""

    def prepare(self, session: "Session", slices: int) -> None: ...

    def write(self, session: "Session", rows: Counted, number: int) -> None:
        """Write one slice. May be called again for the same slice: then what the first call wrote must not count."""

    def publish(self, session: "Session") -> None: ...

    def discard(self, session: "Session") -> None:
        """The job failed or was stopped: leave nothing half-done. Called at any moment, from any thread, more than once."""


class Transformer(Protocol):
    def apply(self, rows: Rows) -> Rows: ...


class Registry(Mapping[str, Plugin[Planned]]):
    """Plugins by the names that jobs call them, each in a module of its own that is imported when a job names it."""

    def __init__(self, package: str, modules: Mapping[str, str]) -> None:
        self._package = package
        self._modules = modules

    def __getitem__(self, name: str) -> Plugin[Planned]:
        plugin: Plugin[Planned] = import_module(f"{self._package}.{self._modules[name]}").PLUGIN
        return plugin

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

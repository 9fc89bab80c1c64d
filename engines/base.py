"""What every engine offers. One module per engine implements it; `engines.registry` lists them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from datax_job.problem import Problem, Text


class EngineError(Exception):
    """An engine could not be started or chosen. `code` is stable, `hint` says what to do, `retryable` whether the same may work later."""

    def __init__(self, code: str, text: Text, hint: Text | None = None, *, retryable: bool = False) -> None:
        super().__init__(str(text))
        self.code = code
        self.text = text
        self.hint = hint
        self.retryable = retryable


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Where the engines live and how they are to be run; filled by the application's configuration, never from the environment here."""

    var_dir: Path
    datax_home: Path | None = None
    addax_home: Path | None = None
    java: str = "java"
    jvm_options: tuple[str, ...] = ()
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What `GET /api/engines` tells of one engine. `reason` is set exactly when it is not available."""

    name: str
    available: bool
    version: str | None = None
    reason: str | None = None
    readers: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    transformers: tuple[str, ...] = ()
    # `byte` and `record` where the installation itself limits a channel, so that a job with a limit need not.
    channel_limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Launch:
    """A process to start: an argument list (never a shell line), its whole environment, its working folder."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)


class Offer(Protocol):
    """What checking a job and choosing its engine need to know. `job` is always the plain document, its parameters already filled."""

    name: str

    def status(self) -> EngineStatus: ...

    def refusals(self, job: dict[str, Any]) -> list[Problem]:
        """Why this engine cannot run the job exactly; empty when it can. Pure and quick: no connection, no import of a heavy package."""

    def refusals_at(self, status: EngineStatus, job: dict[str, Any]) -> list[Problem]:
        """What `refusals` says on a machine where this engine has that status."""


Offered = TypeVar("Offered", bound=Offer)


class Engine(Offer, Protocol):
    """An engine of this machine."""

    def memory(self, job: dict[str, Any]) -> int:
        """The bytes that a run of the job may take."""

    def launch(self, job: dict[str, Any], folder: Path) -> Launch:
        """Write the effective job into `folder` (private to this run) with mode 0600 and say what to start. Raises EngineError."""

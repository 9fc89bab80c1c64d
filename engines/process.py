"""The only place that starts a process: in a session of its own, watched, read in constant memory, and never left behind."""

import contextlib
import os
import resource
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from time import monotonic, sleep
from types import TracebackType
from typing import Self

from datax_job.problem import Text
from engines import watchdog
from engines.base import EngineError, Launch
from engines.confinement import Confinement, give_up_new_rights
from engines.roll import Roll, StopReport, peak_bytes

CHUNK_BYTES = 64 * 1024

# How often a process is looked at while it is being stopped, and where the system cannot report its end by itself.
LOOK_SECONDS = 0.05
EXIT_LOOK_SECONDS = 0.005
# Of one who has ended: all that a pipe holds, then its end.
PASSES_TO_END = 2
# How long the pipes are still read after the process has ended: what it wrote is in them, but a grandchild may hold them open.
DRAIN_SECONDS = 0.5
# How long killed processes may take to be gone: one in the midst of a system call ends only with it.
GONE_SECONDS = 2.0

# What the system counts the peak of memory in.
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024

UNLIMITED = Confinement()

Output = Callable[[str, bytes], None]
Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Usage:
    """What an engine took. `peak_bytes` is None when it ended before it could be asked."""

    cpu_seconds: float
    peak_bytes: int | None


class EngineProcess:
    """A started engine. One thread calls `supervise`; `stop` may be called from its tick. Leaving it as a context kills it."""

    def __init__(self, process: "subprocess.Popen[bytes]", outputs: dict[int, str]) -> None:
        self._process, self._outputs = process, outputs
        self._pipes = [os.fstat(output).st_ino for output in outputs]
        self._roll = Roll(process.pid, set(self._pipes))
        self._asked_at: datetime | None = None
        self._kill_at: float | None = None
        self._over = False
        self._sampled: int | None = None
        self._own_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.pid = process.pid
        # Both are known when `supervise` has returned. There is a report when somebody asked for a stop or somebody was left behind.
        self.usage: Usage | None = None
        self.report: StopReport | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def stop(self, grace: float) -> None:
        """SIGTERM to all of it now, SIGKILL after `grace` seconds. A second call changes nothing."""
        if self._asked_at is None and not self._over:
            self._asked_at, self._kill_at = datetime.now(UTC), monotonic() + grace
            self._signal(signal.SIGTERM)

    def supervise(self, on_output: Output, on_tick: Tick, *, every: float) -> int:
        """Pass on output until the process has ended, calling `on_tick` at least every so many seconds.

        Returns the exit code, negative for a signal. Whatever the process left behind is killed.
        """
        try:
            with selectors.DefaultSelector() as selector:
                for output, name in self._outputs.items():
                    os.set_blocking(output, False)
                    selector.register(output, selectors.EVENT_READ, name)
                with _end_event(self.pid, selector) as reported:
                    self._follow(selector, on_output, on_tick, every, reported)
                self._clear(selector, on_output)
        finally:
            self._end()
        return int(self._process.returncode)

    def _follow(
        self, selector: selectors.BaseSelector, on_output: Output, on_tick: Tick, every: float, reported: bool
    ) -> None:
        next_tick = monotonic() + every
        while not self._has_exited():
            left = next_tick - monotonic()
            waits_long = reported and self._kill_at is None
            _pass_on(selector, left if waits_long else min(left, _look_seconds(selector)), on_output)
            if monotonic() >= next_tick:
                self._sample()
                on_tick()
                next_tick = monotonic() + every
            if self._kill_at is not None:
                self._press(self._kill_at)

    def _press(self, kill_at: float) -> None:
        self._roll.look()
        if monotonic() >= kill_at:
            self._signal(signal.SIGKILL)

    def _sample(self) -> None:
        self._sampled = peak_bytes(self.pid) or self._sampled
        _watchdog.ensure()

    def _has_exited(self) -> bool:
        """Without reaping it: as long as it is not reaped nobody else gets its number, so its group can be signalled safely."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def _clear(self, selector: selectors.BaseSelector, on_output: Output) -> None:
        """Read the rest. Who keeps the pipes open then was left behind and is killed."""
        for _ in range(PASSES_TO_END):
            _pass_on(selector, 0, on_output)
        if selector.get_map():
            self._signal(signal.SIGKILL)
        until = monotonic() + DRAIN_SECONDS
        while selector.get_map() and monotonic() < until:
            _pass_on(selector, LOOK_SECONDS, on_output)

    def _signal(self, number: signal.Signals) -> None:
        self._roll.call()
        _signal_group(self.pid, number)
        for pid in self._roll.outside():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def _end(self) -> None:
        if self._over:
            return
        if not self._has_exited():
            self._signal(signal.SIGKILL)
        self._over = True
        self._reap()
        # As long as anybody is in its group, its number is not given to another.
        if _signal_group(self.pid, 0):
            self._signal(signal.SIGKILL)
        _watchdog.tell("-", self.pid)
        self._end_strays()
        _watchdog.tell(".", self._pipes[0])
        for output in self._outputs:
            os.close(output)
        self.report = self._roll.report(self._asked_at)

    def _reap(self) -> None:
        _, status, used = os.wait4(self.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        # A process begins with the peak of the one that started it, so that only a higher one is its own.
        exact = used.ru_maxrss * MAXRSS_BYTES if used.ru_maxrss > self._own_peak else None
        self.usage = Usage(used.ru_utime + used.ru_stime, exact or self._sampled)

    def _end_strays(self) -> None:
        """Kill who went out of the group, and whomever these start meanwhile, until all are gone."""
        until = monotonic() + GONE_SECONDS
        while (strays := self._roll.strays()) or self._roll:
            for pid in strays:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            self._roll.look()
            if monotonic() >= until:
                return
            sleep(EXIT_LOOK_SECONDS)


@contextlib.contextmanager
def _end_event(pid: int, selector: selectors.BaseSelector) -> Iterator[bool]:
    """Have the selector wake up when the process ends. False where the system has no such thing."""
    try:
        descriptor = os.pidfd_open(pid)
    except (AttributeError, OSError):
        yield False
        return
    selector.register(descriptor, selectors.EVENT_READ)
    try:
        yield True
    finally:
        selector.unregister(descriptor)
        os.close(descriptor)


def _look_seconds(selector: selectors.BaseSelector) -> float:
    """Whoever has closed both pipes is most likely about to end."""
    return LOOK_SECONDS if selector.get_map() else EXIT_LOOK_SECONDS


def _pass_on(selector: selectors.BaseSelector, seconds: float, on_output: Output) -> None:
    for key, _ in selector.select(max(seconds, 0)):
        if key.data is None:
            continue  # the end event: the caller looks for itself
        chunk = os.read(key.fd, CHUNK_BYTES)
        if chunk:
            on_output(key.data, chunk)
        else:
            selector.unregister(key.fileobj)


def start(launch: Launch, confinement: Confinement = UNLIMITED) -> EngineProcess:
    """Start an engine so that it dies with this process, however this one dies. Raises EngineError."""
    try:
        return _start(launch, confinement)
    except OSError as error:
        reason = {"program": launch.argv[0], "reason": error.strerror or str(error)}
        text = Text("%(program)s could not be started: %(reason)s", reason)
        raise EngineError("engine-start", text, retryable=True) from error


def _start(launch: Launch, confinement: Confinement) -> EngineProcess:
    give_up_new_rights()
    with contextlib.ExitStack() as unless_started, contextlib.ExitStack() as afterwards:
        outputs: dict[int, str] = {}
        ends: dict[str, int] = {}
        for name in ("stdout", "stderr"):
            read, ends[name] = os.pipe()
            unless_started.callback(os.close, read)
            afterwards.callback(os.close, ends[name])
            outputs[read] = name
        pipe = os.fstat(ends["stdout"]).st_ino
        _watchdog.tell("?", pipe)
        unless_started.callback(_watchdog.tell, ".", pipe)
        process = subprocess.Popen(
            confinement.command(launch.argv),
            cwd=launch.cwd,
            env={**launch.env, watchdog.MARK: str(pipe)},
            stdin=subprocess.DEVNULL,
            stdout=ends["stdout"],
            stderr=ends["stderr"],
            start_new_session=True,
            **confinement.options(),
        )
        unless_started.callback(process.kill)
        confinement.limit(process.pid)
        _watchdog.tell("+", process.pid)
        unless_started.pop_all()
        return EngineProcess(process, outputs)


def _signal_group(pid: int, number: int) -> bool:
    """False when there is no such group; macOS says so of one that holds only zombies, too, in other words."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


class _Watchdog:
    """The other side of engines/watchdog.py, which runs beside this process and kills its engines when it dies.

    Every start is announced, with the pipe that it will write into, before the process is there: so there is no moment at which
    this process could die and leave one that nobody knows of.
    """

    def __init__(self) -> None:
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """A forked process is another worker: it has engines and a watchdog of its own, and must not keep the first one's alive."""
        self._lock = Lock()
        self._known: set[tuple[str, int]] = set()
        inherited: subprocess.Popen[bytes] | None = getattr(self, "_process", None)
        if inherited is not None and inherited.stdin is not None:
            inherited.stdin.close()
            inherited.returncode = 0  # the first one's child, not ours to wait for
        self._process: subprocess.Popen[bytes] | None = None

    def tell(self, sign: str, number: int) -> None:
        """`+` and `-` a process group, `?` and `.` the pipe of a run."""
        with self._lock:
            begins = {"-": "+", ".": "?"}.get(sign, sign)
            (self._known.add if sign == begins else self._known.discard)((begins, number))
            if not self._started():
                self._write([(sign, number)])

    def ensure(self) -> None:
        """Have it replaced when it was killed."""
        with self._lock:
            self._started()

    def _started(self) -> bool:
        """Start it when there is none, and tell it everything. False when it runs already."""
        if self._process is not None and self._process.poll() is None:
            return False
        command = [sys.executable, "-I", "-S", watchdog.__file__]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True, bufsize=0, cwd="/"
        )
        self._write(sorted(self._known))
        return True

    def _write(self, lines: Iterable[tuple[str, int]]) -> None:
        assert self._process is not None and self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it was killed; the next call starts another
            self._process.stdin.write("".join(f"{sign}{number}\n" for sign, number in lines).encode())


_watchdog = _Watchdog()


def mind(group: int) -> None:
    """Have a process group killed when this process dies, however it dies."""
    _watchdog.tell("+", group)


def unmind(group: int) -> None:
    """The group has ended."""
    _watchdog.tell("-", group)

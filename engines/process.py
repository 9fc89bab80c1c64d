"""The only place that starts a process: in a group of its own, watched, read in constant memory, and never left behind."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable
from threading import Lock
from time import monotonic, sleep

from datax_job.problem import Text
from engines.base import EngineError, Launch

CHUNK_BYTES = 64 * 1024

LOOK_SECONDS = 0.05
EXIT_LOOK_SECONDS = 0.005

# How long the pipes are still read after the process has ended: what it wrote is in them, but a grandchild may hold them open.
DRAIN_SECONDS = 0.5

Output = Callable[[str, bytes], None]
Tick = Callable[[], None]


class EngineProcess:
    """A started engine. One thread calls `supervise`; `stop` may be called from its tick."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._stop_at: float | None = None
        self.pid = process.pid

    def stop(self, grace: float) -> None:
        """SIGTERM to the whole group now, SIGKILL after `grace` seconds. A second call changes nothing."""
        if self._stop_at is None:
            self._stop_at = monotonic() + grace
            _signal_group(self.pid, signal.SIGTERM)

    def supervise(self, on_output: Output, on_tick: Tick, *, every: float) -> int:
        """Pass on output until the process has ended, calling `on_tick` at least every so many seconds.

        Returns the exit code, negative for a signal. Whatever the process left in its group is killed.
        """
        try:
            with selectors.DefaultSelector() as selector:
                self._register(selector)
                self._read(selector, on_output, on_tick, every)
            return self._process.wait()
        finally:
            self._end()

    def _register(self, selector: selectors.BaseSelector) -> None:
        for name, pipe in (("stdout", self._process.stdout), ("stderr", self._process.stderr)):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ, name)

    def _read(self, selector: selectors.BaseSelector, on_output: Output, on_tick: Tick, every: float) -> None:
        next_tick = monotonic() + every
        while not self._has_exited():
            self._pass_on(selector, min(every, LOOK_SECONDS), on_output)
            now = monotonic()
            if now >= next_tick:
                on_tick()
                next_tick = monotonic() + every
            if self._stop_at is not None and now >= self._stop_at:
                _signal_group(self.pid, signal.SIGKILL)
        # Only now is all of its output in the pipes; whoever else in the group holds them open must not keep us.
        _signal_group(self.pid, signal.SIGKILL)
        until = monotonic() + DRAIN_SECONDS
        while selector.get_map() and monotonic() < until:
            self._pass_on(selector, LOOK_SECONDS, on_output)

    def _has_exited(self) -> bool:
        """Without reaping it: as long as it is not reaped nobody else gets its number, so its group can be signalled safely."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def _pass_on(self, selector: selectors.BaseSelector, seconds: float, on_output: Output) -> None:
        if not selector.get_map():
            sleep(EXIT_LOOK_SECONDS)  # it closed both pipes: most likely it is about to end
            return
        for key, _ in selector.select(seconds):
            chunk = os.read(key.fd, CHUNK_BYTES)
            if chunk:
                on_output(key.data, chunk)
            else:
                selector.unregister(key.fileobj)

    def _end(self) -> None:
        _signal_group(self.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()
        _watchdog.forget(self.pid)


def start(launch: Launch) -> EngineProcess:
    """Start an engine so that it dies with this process, however this one dies. Raises EngineError."""
    _watchdog.ensure()
    try:
        process = subprocess.Popen(
            launch.argv,
            cwd=launch.cwd,
            env=dict(launch.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
        )
    except OSError as error:
        reason = {"program": launch.argv[0], "reason": error.strerror or str(error)}
        raise EngineError(
            "engine-start", Text("%(program)s could not be started: %(reason)s", reason), retryable=True
        ) from error
    _watchdog.remember(process.pid)
    return EngineProcess(process)


def _signal_group(pid: int, number: signal.Signals) -> None:
    # Gone already; or, as macOS says it, a group that holds only zombies.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


# Reads "+PID" and "-PID" lines; when its input ends, the process that wrote them is dead, and the groups still listed are killed.
_WATCHDOG = """
import os, signal, sys
groups = set()
for line in sys.stdin:
    (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
"""


class _Watchdog:
    """A small process beside this one that outlives it just long enough to kill the engines it left.

    PR_SET_PDEATHSIG would follow the thread that forked, not the process, is lost by a program that changes its user, reaches
    no grandchildren, and is Linux's alone.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._groups: set[int] = set()

    def remember(self, group: int) -> None:
        self._tell("+", group)

    def forget(self, group: int) -> None:
        self._tell("-", group)

    def ensure(self) -> None:
        """Have it running before there is anything to watch: it takes longer to start than an engine may live."""
        with self._lock:
            self._ensure()

    def _tell(self, sign: str, group: int) -> None:
        with self._lock:
            (self._groups.add if sign == "+" else self._groups.discard)(group)
            if self._ensure():
                return  # a new one has just been told of all groups
            self._write(f"{sign}{group}\n")

    def _write(self, lines: str) -> None:
        assert self._process is not None and self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it was killed; the next call starts another
            self._process.stdin.write(lines.encode())

    def _ensure(self) -> bool:
        """Start it when there is none, or when it is another process's from before a fork. True when it was started."""
        if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
            return False
        if self._owner != os.getpid():
            self._groups.clear()
        command = [sys.executable, "-I", "-S", "-c", _WATCHDOG]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, bufsize=0, cwd="/")
        self._owner = os.getpid()
        self._write("".join(f"+{group}\n" for group in self._groups))
        return True


_watchdog = _Watchdog()

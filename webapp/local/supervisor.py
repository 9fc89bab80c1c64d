"""`make run`: look for faults, set up, start broker, worker, scheduler and web server, run the example, serve until Ctrl-C."""

import multiprocessing
import os
import queue
import shlex
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import honcho.manager
from honcho.manager import Manager
from honcho.printer import Message, Printer

from engines import process
from webapp import config, create_app, doctor
from webapp.accounts import service as accounts
from webapp.cli import setup
from webapp.config import ROOT, SettingError, Settings
from webapp.local import broker, example

# Who presses Ctrl-C does not want to wait as long as a server that is being replaced: the seconds for running tasks, unless they are set.
STOP_GRACE = 2.0
HONCHO_EXTRA_SECONDS = 5


class CannotStart(Exception):
    """One line that says why, for the person at the terminal."""


def main() -> int:
    try:
        settings = config.load()
        token = _prepare(settings)
    except (SettingError, CannotStart, broker.NoBroker) as error:
        print(f"make run: {error}", file=sys.stderr)
        return 1
    stop_grace = settings.stop_grace if "stop_grace" in settings.model_fields_set else STOP_GRACE
    # Honcho would kill a worker that is still ending its tasks.
    honcho.manager.KILL_WAIT = stop_grace + settings.kill_grace + HONCHO_EXTRA_SECONDS
    manager = Manager(Printer(_Output(sys.stdout)))
    manager.events = _Minded(manager.events)
    for name, command, folder in _processes(settings):
        manager.add_process(name, f"STOP_GRACE={stop_grace} exec {shlex.join(command)}", cwd=str(folder))
    # A closed terminal stops everything, as Ctrl-C does.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    base = f"http://{settings.host}:{settings.port}"
    job = example.submission(ROOT / "examples", settings.var_dir / "files")
    multiprocessing.get_context("spawn").Process(target=example.run, args=(base, token, job), daemon=True).start()
    try:
        manager.loop()
    except Exception:
        traceback.print_exc()
        os._exit(1)  # not by way of those who wait for the parts to end: the watchdog ends these
    return 0 if manager.returncode in {0, 130, 143, -2, -15} else 1


class _Output:
    """What is said to the terminal. When that has been closed, everything ends as by Ctrl-C, unseen."""

    def __init__(self, output: TextIO) -> None:
        self._output = output

    def isatty(self) -> bool:
        return self._output.isatty()

    def write(self, text: str) -> None:
        with self._closed_or_busy():
            self._output.write(text)

    def flush(self) -> None:
        with self._closed_or_busy():
            self._output.flush()

    @contextmanager
    def _closed_or_busy(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError:
            pass  # a signal came in the midst of a line; what is to be said of it is not worth the end of this process
        except OSError:
            self._output = open(os.devnull, "w")  # noqa: SIM115  (until this process ends)
            os.kill(os.getpid(), signal.SIGTERM)


class _Minded:
    """The manager's events on their way to it: what has started is killed when this process dies, however it dies."""

    def __init__(self, events: "multiprocessing.Queue[Any]") -> None:
        self._events = events
        self._groups: dict[str, int] = {}

    def put(self, event: Any) -> None:
        self._events.put(event)

    def get(self, timeout: float | None = None) -> Any:
        try:
            event = self._events.get(timeout=timeout)
        except queue.Empty:
            event = self._unannounced()
        if event.type == "start":
            self._groups[event.name] = event.data["pid"]
            process.mind(event.data["pid"])
        elif event.type == "stop" and event.name in self._groups:
            process.unmind(self._groups.pop(event.name))
        return event

    def _unannounced(self) -> Message:
        """The end of a command whose own messenger was killed, which would never be told. Raises queue.Empty."""
        messengers = {child.name for child in multiprocessing.active_children()}
        for name, group in self._groups.items():
            if name not in messengers:
                with suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGKILL)
                return Message("stop", {"returncode": -signal.SIGKILL}, datetime.now(), name, None)
        raise queue.Empty


def _prepare(settings: Settings) -> str:
    """Everything that can fail is tried before the first process starts. Returns the token of the example."""
    config.make_var_dir(settings)
    _look_at_port(settings)
    app = create_app(settings)
    with app.app_context():
        _stop_at(doctor.before_setup(settings))
        for line in setup(settings):
            print(line, flush=True)
        _stop_at(doctor.examine(app, running=False))
        return accounts.local_token(settings)


def _stop_at(findings: list[doctor.Finding]) -> None:
    faults = [finding for finding in findings if not finding.ok and finding.needed]
    if faults:
        raise CannotStart("; ".join(doctor.sentence(fault) for fault in faults))


def _look_at_port(settings: Settings) -> None:
    try:
        free = broker.is_free(settings.host, settings.port)
    except OSError as error:
        raise CannotStart(f"HOST: {settings.host!r} is not an address of this machine ({error.strerror})") from None
    if not free:
        raise CannotStart(
            f"port {settings.port} of {settings.host} is taken; choose another: PORT={settings.port + 1} make run"
        )


def _processes(settings: Settings) -> list[tuple[str, list[str], Path]]:
    python = [sys.executable, "-m"]
    web = [*python, "gunicorn", "--config", "python:webapp.local.gunicorn", "wsgi:app"]
    worker = [
        *python,
        "celery",
        "--quiet",
        "--app",
        "celery_app",
        "worker",
        "--loglevel",
        "WARNING",
        "--hostname",
        settings.worker_name,
    ]
    processes = [
        ("web", web, ROOT),
        ("worker", [*worker, "--without-gossip", "--without-mingle"], ROOT),
        ("scheduler", [*python, "flask", "--app", "wsgi", "scheduler"], ROOT),
    ]
    if settings.embedded_broker:
        processes.insert(0, ("broker", broker.prepare(settings), settings.var_dir / "broker"))
    return processes

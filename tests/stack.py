"""The running product: a real broker, worker, scheduler and gunicorn, as `make run` starts them, one each test session."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Stack:
    """A product that was started with an environment of its own. Its processes are killed with it."""

    var_dir: Path
    environment: dict[str, str]
    port: int
    token: str = "a-token-for-the-tests"
    username: str = "admin"
    password: str = "first-password"
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return (self.var_dir / "stack.out").read_text(errors="replace")

    def env(self) -> dict[str, str]:
        """The environment of a program that uses the product from outside."""
        return {**self.environment, "VAR_DIR": str(self.var_dir), "PORT": str(self.port)}

    def start(self) -> None:
        """Up to `/readyz`. The example job, which every start submits, may still be to come: `settle` waits for it."""
        self.var_dir.mkdir(parents=True, exist_ok=True)
        with (self.var_dir / "stack.out").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "webapp.local"],
                cwd=ROOT,
                env=self.env(),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def settle(self) -> None:
        """Wait for the end of the example job, so that no task but a test's own comes or changes any more."""
        until = time.monotonic() + START_SECONDS
        while "Serving on" not in self.output:
            assert time.monotonic() < until, f"the example job did not end:\n{self.output}"
            time.sleep(0.05)

    def stop(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def call(
        self, path: str, body: Any = None, *, method: str | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request with the token; any status is an answer."""
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **(headers or {})}
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=90) as response:
                return Answer(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, dict(error.headers), error.read())

    def submit(self, job: Any, **fields: Any) -> str:
        answer = self.call("/api/tasks", {"job": job, **fields})
        assert answer.status == 202, answer.body
        return str(answer.json()["id"])

    def finished(self, task_id: str, seconds: int = 60) -> Any:
        """The task once it is ready."""
        self.call(f"/api/tasks/{task_id}/result?wait={seconds}")
        task = self.call(f"/api/tasks/{task_id}").json()
        assert task["ready"], task
        return task

    def _wait(self) -> None:
        assert self.process is not None
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if self.call("/readyz").status == 200:
                    return
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.1)
        raise AssertionError(f"the product did not start:\n{self.output}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_stack(folder: Path, **environment: str) -> Stack:
    """A product that is not started yet. `environment` are its settings; those of this process do not reach it."""
    stack = Stack(folder / "var", {}, free_port())
    stack.environment = {
        "PATH": os.environ["PATH"],
        "ADMIN_PASSWORD": stack.password,
        "API_TOKEN": stack.token,
        "FILE_ROOTS": f"{folder}:{ROOT / 'examples'}",
        **environment,
    }
    return stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One running product for all tests that only use it; a test that breaks things starts its own with `new_stack`."""
    stack = new_stack(tmp_path_factory.mktemp("stack"))
    stack.start()
    stack.settle()
    yield stack
    stack.stop()

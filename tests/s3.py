"""An S3 server on this machine, kept in memory, and gone with the test."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import free_port

START_SECONDS = 60.0


class S3:
    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._output = (folder / "s3.out").open("ab")
        self.start()
        self.bucket("logs")

    @property
    def options(self) -> dict[str, object]:
        """What a client of it must know. It is as patient as a busy machine needs."""
        return self._options(60)

    def _options(self, seconds: float) -> dict[str, object]:
        config = {"connect_timeout": seconds, "read_timeout": seconds, "retries": {"max_attempts": 0}}
        return {"key": "key", "secret": "secret", "endpoint_url": self.url, "config_kwargs": config}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """Those of a product whose client soon gives a request up, and asks again."""
        return {"LOG_STORE": "s3://logs/tasks", "LOG_STORE_OPTIONS": json.dumps(self._options(2))}

    def start(self) -> None:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stdout=self._output, stderr=subprocess.STDOUT)
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < until and self.process.poll() is None, "the S3 server did not start"
            time.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def bucket(self, name: str) -> None:
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/{name}", method="PUT"), timeout=10).close()

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url, timeout=1).close()
        except (urllib.error.URLError, OSError):
            return False
        return True


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    server = S3(tmp_path_factory.mktemp("s3"))
    yield server
    server.kill()

"""A broker to be killed."""

import subprocess
from dataclasses import dataclass, field

from tests.stack import free_port
from webapp.local.broker import server_binary


@dataclass
class Broker:
    """A Valkey server that keeps nothing over a restart."""

    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [server_binary(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

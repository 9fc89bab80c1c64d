"""A load generator: one process, raw keep-alive connections, so that it costs as little as possible of the machine it shares."""

import multiprocessing
import selectors
import socket
import time
from dataclasses import dataclass


@dataclass
class Target:
    """Something to poll with GET."""

    host: str
    port: int
    path: str
    token: str = ""

    def request(self) -> bytes:
        auth = f"Authorization: Bearer {self.token}\r\n" if self.token else ""
        return f"GET {self.path} HTTP/1.1\r\nHost: {self.host}\r\n{auth}\r\n".encode()


class Connection:
    """A keep-alive connection that asks again as soon as it was answered."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.request = target.request()
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection((self.target.host, self.target.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ask()

    def ask(self) -> None:
        self.received = b""
        self.asked_at = time.perf_counter()
        self.socket.sendall(self.request)

    def read(self) -> bool:
        """True once the whole answer is there. Raises AssertionError for one that is not a 200."""
        chunk = self.socket.recv(262144)
        if not chunk:
            raise ConnectionResetError("the server closed a connection in the middle of an answer")
        self.received += chunk
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return False
        assert head.startswith(b"HTTP/1.1 200"), self.received[:500]
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        return len(body) >= length


def _drive(target: Target, connections: int, seconds: float, answers: "multiprocessing.Queue[list[float]]") -> None:
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        connection = Connection(target)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    latencies: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for key, _ in selector.select(1):
            if key.data.read():
                latencies.append(time.perf_counter() - key.data.asked_at)
                key.data.ask()
    answers.put(latencies)


def poll(target: Target, *, connections: int = 50, seconds: float = 5) -> list[float]:
    """The latencies, in seconds, of every answered request."""
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[list[float]] = context.Queue()
    process = context.Process(target=_drive, args=(target, connections, seconds, answers))
    process.start()
    latencies = answers.get(timeout=seconds + 30)
    process.join()
    return latencies

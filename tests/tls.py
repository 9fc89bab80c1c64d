"""TLS in front of a PostgreSQL server that has none: a proxy that speaks the protocol's first step and then passes bytes on."""

import asyncio
import contextlib
import ssl
import tempfile
import threading
from asyncio import StreamReader, StreamWriter
from pathlib import Path

import trustme

SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
CHUNK = 65536


class PostgresTls:
    """Listens on a loopback port of its own, for `localhost`; `ca` is the authority to trust, `served` counts safe connections."""

    def __init__(self, host: str, port: int) -> None:
        authority = trustme.CA()
        self._folder = tempfile.TemporaryDirectory(prefix="datax tls-")
        self.ca = Path(self._folder.name) / "ca.pem"
        authority.cert_pem.write_to_path(self.ca)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self._context)
        self._target = (host, port)
        self.served = 0
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop).result(
            10
        )
        self.port: int = server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._folder.cleanup()

    async def _serve(self, client: StreamReader, to_client: StreamWriter) -> None:
        # A client that trusts another authority hangs up in the middle of the handshake; that is its test.
        with contextlib.suppress(OSError):
            if await client.readexactly(len(SSL_REQUEST)) == SSL_REQUEST:
                to_client.write(b"S")
                await to_client.drain()
                await to_client.start_tls(self._context)
                self.served += 1
                server, to_server = await asyncio.open_connection(*self._target)
                await asyncio.gather(_pump(client, to_server), _pump(server, to_client))
        to_client.close()


async def _pump(source: StreamReader, target: StreamWriter) -> None:
    """Pass bytes on until the source ends, and end the target then."""
    with contextlib.suppress(OSError):
        while chunk := await source.read(CHUNK):
            target.write(chunk)
            await target.drain()
    target.close()

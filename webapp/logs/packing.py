"""Packed text that can be read from anywhere: gzip, in the layout that dictzip gave it.

The compressor starts anew every CHUNK bytes, and a field of the gzip header holds how long each chunk came out. So any part is read by
inflating its own chunks alone, and `zcat` still reads the whole.
"""

import struct
import zlib
from collections.abc import Callable
from itertools import accumulate

# The most whose length fits the field, packed or not.
CHUNK_BYTES = 56 * 1024
# The fastest: text shrinks to a tenth at this level too, and a flood of output waits for it.
LEVEL = 1

_HEAD = struct.Struct("<10sHccHHHH")
_MAGIC = b"\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff"
# What a field of a gzip header can hold.
MOST_CHUNKS = (0xFFFF - 10) // 2
# A header of a part of usual length; a longer one takes a second look.
_USUAL_HEAD_BYTES = 1024

Get = Callable[[int, int], bytes]


class Packer:
    """Packs what it is fed as it comes, so that at the end nothing is left to do; it holds only what is packed."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._chunk = bytearray()
        self._packed = bytearray()
        self._lengths: list[int] = []
        self._crc = 0
        self.length = self.breaks = 0

    def feed(self, data: bytes) -> None:
        self._crc = zlib.crc32(data, self._crc)
        self.breaks += data.count(b"\n")
        self.length += len(data)
        self._chunk += data
        whole = len(self._chunk) - len(self._chunk) % CHUNK_BYTES
        for start in range(0, whole, CHUNK_BYTES):
            self._pack(self._chunk[start : start + CHUNK_BYTES], zlib.Z_FULL_FLUSH)
        del self._chunk[:whole]

    def finish(self) -> bytes:
        self._pack(self._chunk, zlib.Z_FINISH)
        count = len(self._lengths)
        head = _HEAD.pack(_MAGIC, 10 + 2 * count, b"R", b"A", 6 + 2 * count, 1, CHUNK_BYTES, count)
        lengths = struct.pack(f"<{count}H", *self._lengths)
        return b"".join([head, lengths, self._packed, struct.pack("<II", self._crc, self.length & 0xFFFFFFFF)])

    def _pack(self, chunk: bytes | bytearray, mode: int) -> None:
        out = self._deflate.compress(chunk) + self._deflate.flush(mode)
        self._packed += out
        self._lengths.append(len(out))


def read(get: Get, start: int, end: int) -> bytes:
    """Bytes `start` to `end` of what was packed. `get` gives a range of the packed bytes. Raises OSError for one that is damaged."""
    try:
        return _read(get, start, end)
    except (struct.error, zlib.error, IndexError) as error:
        raise OSError(f"a packed part is damaged: {error}") from error


def _read(get: Get, start: int, end: int) -> bytes:
    head = get(0, _USUAL_HEAD_BYTES)
    extra = _HEAD.unpack_from(head)[1]
    body = 12 + extra
    if body > len(head):
        head = get(0, body)
    count = _HEAD.unpack_from(head)[7]
    lengths = struct.unpack_from(f"<{count}H", head, _HEAD.size)
    edges = [body, *accumulate(lengths, initial=body)][1:]
    first, last = start // CHUNK_BYTES, min(-(-end // CHUNK_BYTES), count)
    text = zlib.decompressobj(-zlib.MAX_WBITS).decompress(get(edges[first], edges[last]))
    return text[start - first * CHUNK_BYTES : end - first * CHUNK_BYTES]

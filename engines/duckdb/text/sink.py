"""Lines on their way into a file: their character set, their packing, and how fast they may go."""

import bz2
import codecs
import secrets
import zlib
from collections.abc import Callable
from typing import Protocol

from engines.duckdb.text.charsets import errors

Sink = Callable[[bytes], object]


class Stage(Protocol):
    """Takes bytes and gives what becomes of them; `end` gives what is left."""

    def take(self, chunk: bytes) -> bytes: ...

    def end(self) -> bytes: ...


class Recode:
    """UTF-8 into another character set. What it has no character for becomes a question mark, as in Java."""

    def __init__(self, codec: str) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        # Java writes the big end first, and a mark that says so in UTF-16 alone.
        self.mark = codecs.BOM_UTF16_BE if codec == "utf-16" else b""
        big = f"{codec}-be" if codec in ("utf-16", "utf-32") else codec
        self.encoder = codecs.getincrementalencoder(big)(errors(codec))

    def take(self, chunk: bytes) -> bytes:
        mark, self.mark = self.mark, b""
        return mark + self.encoder.encode(self.decoder.decode(chunk))

    def end(self) -> bytes:
        return self.encoder.encode(self.decoder.decode(b"", True), True)


class Gzip:
    def __init__(self) -> None:
        self.packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)

    def take(self, chunk: bytes) -> bytes:
        return self.packer.compress(chunk)

    def end(self) -> bytes:
        return self.packer.flush()


class Bzip2:
    def __init__(self) -> None:
        self.packer = bz2.BZ2Compressor()

    def take(self, chunk: bytes) -> bytes:
        return self.packer.compress(chunk)

    def end(self) -> bytes:
        return self.packer.flush()


class Unmarked:
    """Takes away the mark at each line's end with the line feed after it: DuckDB always writes that one, the job may want none."""

    def __init__(self) -> None:
        # A word that no data holds, other than by a chance of 1 in 2^64.
        self.mark = f"\x1e{secrets.token_hex(8)}"
        self.kept = b""
        self._end = f"{self.mark}\n".encode()

    def take(self, chunk: bytes) -> bytes:
        text = (self.kept + chunk).replace(self._end, b"")
        cut = max(len(text) - len(self._end) + 1, 0)
        # Only a tail that may be the start of a mark waits for the next chunk.
        cut = len(text) if b"\x1e" not in text[cut:] else cut + text[cut:].index(b"\x1e")
        self.kept = text[cut:]
        return text[:cut]

    def end(self) -> bytes:
        return self.kept


class Chain:
    """The stages one after another, into a sink."""

    def __init__(self, sink: Sink, stages: list[Stage]) -> None:
        self.sink = sink
        self.stages = stages

    def take(self, chunk: bytes) -> None:
        self._through(0, chunk)

    def end(self) -> None:
        for number, stage in enumerate(self.stages):
            self._through(number + 1, stage.end())

    def _through(self, number: int, chunk: bytes) -> None:
        for stage in self.stages[number:]:
            chunk = stage.take(chunk)
        if chunk:
            self.sink(chunk)

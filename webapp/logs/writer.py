"""What a run writes its output into."""

import codecs
from types import TracebackType
from typing import Self

from webapp.logs.sinks import Lost, Sink


class LogWriter:
    """Takes bytes of any kind and stores text: broken UTF-8 becomes U+FFFD, a character cut over two chunks is whole.

    It never raises for the store's sake. What could not be stored is in `lost`, and all of that is known once it is closed.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._decoders: dict[str, codecs.IncrementalDecoder] = {}

    @property
    def lost(self) -> Lost:
        return self._sink.lost

    def write(self, stream: str, chunk: bytes) -> bytes:
        """Store a chunk of one of the streams that share the log; returns it as text in UTF-8."""
        if stream not in self._decoders:
            self._decoders[stream] = codecs.getincrementaldecoder("utf-8")("replace")
        return self._append(self._decoders[stream].decode(chunk))

    def finish(self, stream: str) -> bytes:
        """Store what a stream's unfinished last character leaves."""
        decoder = self._decoders.pop(stream, None)
        return self._append(decoder.decode(b"", final=True)) if decoder else b""

    def line(self, text: str) -> None:
        """A line of our own."""
        self._append(text + "\n")

    def close(self) -> None:
        self._sink.close()

    def _append(self, text: str) -> bytes:
        stored = text.encode("utf-8", "replace")
        if stored:
            self._sink.take(stored)
        return stored

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

"""From a file to lines in a pipe. Text that needs no care passes in megabytes; only records that do are looked at one by one."""

import codecs
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from engines.duckdb.rows import Wide
from engines.duckdb.text import escapes, wire
from engines.duckdb.text.records import Rules, Unfinished, records

BOM = codecs.BOM_UTF8
MARK = BOM.decode()


@dataclass
class Feed:
    """`judge` makes a line of each record by hand; without one, records go as they are. `chunks` must be UTF-8."""

    chunks: Callable[[], Iterator[bytes]]
    rules: Rules
    skip_header: bool = False
    judge: Callable[[list[str]], str] | None = None
    widest: int = 2_000_000
    lines: int = 0
    size: int = 0
    stopped: bool = False

    def run(self, descriptor: int) -> None:
        """Write everything; a reader that goes away early is none of our business."""
        try:
            for block, last in self._blocks():
                self._block(block, last, descriptor)
        except BrokenPipeError:
            return

    def _blocks(self) -> Iterator[tuple[bytes, bool]]:
        """The text cut at line ends; what a block leaves unfinished comes again at the start of the next."""
        self._kept = bytearray()
        header = self.skip_header
        for chunk in self.chunks():
            self._kept += chunk
            end = self._end(chunk)
            if not end:
                if len(self._kept) > self.widest:
                    raise Wide
                continue
            block, self._kept = bytes(self._kept[:end]), self._kept[end:]
            if header:
                block, header = _without_line(block), False
            yield _valid(block), False
        block = bytes(self._kept)
        self._kept = bytearray()
        yield _valid(_without_line(block) if header else block), True

    def _end(self, chunk: bytes) -> int:
        """Where the last whole line of what is kept ends, 0 when there is none."""
        if b"\n" in chunk:
            return self._kept.rfind(b"\n") + 1
        # A carriage return in the last place may belong to a line feed yet to come.
        return self._kept.rfind(b"\r", 0, -1) + 1 if b"\r" in chunk else 0

    def _block(self, block: bytes, last: bool, descriptor: int) -> None:
        if b"\r" in block and not self._careful(block.replace(b"\r", b"")):
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if self._careful(block):
            self._by_record(block.decode(), last, descriptor)
        else:
            self._write(self._as_it_is(block), descriptor)

    def _careful(self, block: bytes) -> bool:
        begins_empty = not self.rules.skip_empty and block[:1] in (b"\r", b"\n")
        by_hand = bool(self.judge) or begins_empty or self._begins_with_mark(block)
        return by_hand or any(mark in block for mark in self._marks)

    def _begins_with_mark(self, block: bytes | str) -> bool:
        """Whether the first that DuckDB would see is a byte order mark: it would take that away, and DataX does not."""
        if self.size:
            return False
        return (
            block.lstrip("\r\n").startswith(MARK) if isinstance(block, str) else block.lstrip(b"\r\n").startswith(BOM)
        )

    @cached_property
    def _marks(self) -> list[bytes]:
        """What must not be in a block that passes as it is."""
        marks = ["\r", "\0", wire.NEVER, wire.PREPARED, wire.BAD, self.rules.quote, self.rules.comment]
        marks.append(escapes.BACKSLASH if self.rules.escapes else "")
        blank_lines = [] if self.rules.skip_empty else [b"\n\n"]
        return [mark.encode() for mark in marks if mark] + blank_lines

    def _as_it_is(self, block: bytes) -> bytes:
        if b"\n\n" in block:
            block = re.sub(rb"\n\n+", b"\n", block)
        block = block[1:] if block.startswith(b"\n") else block
        return block if not block or block.endswith(b"\n") else block + b"\n"

    def _by_record(self, text: str, last: bool, descriptor: int) -> None:
        out: list[str] = []
        place = clean = 0
        try:
            while place < len(text):
                clean = self._clean_until(text, place)
                out.append(self._unquoted(text[place:clean]).decode())
                for cells, after in records(text, clean, last, self.rules):
                    out.append(self.judge(cells) if self.judge else wire.prepared(cells))
                    place = after
                    if not self.judge:
                        break
                else:
                    place = len(text)
        except Unfinished:
            self._put_back(text[max(place, clean) :])
        self._write("".join(out).encode(), descriptor)

    def _clean_until(self, text: str, place: int) -> int:
        """The end of the lines from `place` on that need no care beyond taking their quotes away."""
        by_hand = self.judge or self.rules.comment or (not place and self._begins_with_mark(text))
        found = None if by_hand else self._simple.match(text, place)
        return found.end() if found else place

    @cached_property
    def _simple(self) -> "re.Pattern[str]":
        """Whole lines whose quotes, if any, stand around cells that mean the same without them."""
        barred = "".join(re.escape(mark.decode()) for mark in self._marks) + re.escape(self.rules.delimiter) + r"\r\n"
        quote = re.escape(self.rules.quote)
        blank = f"[{self.rules.blanks}]" if self.rules.blanks else "(?!)"
        bare = f"[^{barred}]*+"
        cell = f"(?:{quote}(?!{blank}){bare}(?<!{blank}){quote}|{bare})" if quote else bare
        # A line of an empty pair of quotes is a record, an empty line is none.
        start = f"(?!{quote * 2}\\r?\\n)" + ("" if self.rules.skip_empty else r"(?!\r?\n)")
        return re.compile(rf"(?:{start}(?:{cell}{re.escape(self.rules.delimiter)})*+{cell}\r?\n)*+")

    def _unquoted(self, text: str) -> bytes:
        plain = text.replace(self.rules.quote, "") if self.rules.quote else text
        return self._as_it_is(plain.replace("\r\n", "\n").encode())

    def _put_back(self, text: str) -> None:
        if len(text) > self.widest:
            raise Wide
        self._kept[:0] = text.encode()

    def _write(self, block: bytes, descriptor: int) -> None:
        self.lines += block.count(b"\n")
        self.size += len(block)
        left = memoryview(block)
        while left:
            if self.stopped:
                raise BrokenPipeError
            left = left[os.write(descriptor, left) :]


def _without_line(block: bytes) -> bytes:
    found = re.search(rb"\r\n|\r|\n", block)
    return block[found.end() :] if found else b""


def _valid(block: bytes) -> bytes:
    """Bytes that are no UTF-8 become the replacement character, as Java reads them."""
    try:
        block.decode()
    except UnicodeDecodeError:
        return block.decode("utf-8", "replace").encode()
    return block

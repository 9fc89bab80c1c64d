"""Reads what an engine prints: DataX's periodic line, its summary block, and the cause of a failure. Constant memory, any bytes.

The forms are those of Alibaba DataX (StandAloneJobContainerCommunicator, JobContainer, Engine), which the embedded engine prints
too; Addax prints its summary in English, and an exception with its stack trace, without a code, where DataX explains.
"""

import re
from dataclasses import dataclass
from typing import Any

# A longer line is none of those looked for; only its beginning is kept.
LINE_BYTES = 64 * 1024
CAUSE_BYTES = 8 * 1024

_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
# As many digits as a 64-bit number has: a line that was mixed with another one may hold anything.
_WHOLE = r"\d{1,19}"
_NUMBER = rf"{_WHOLE}(?:\.\d{{1,19}})?"
_SECONDS = r"\d[\d,]{0,25}(?:\.\d{1,19})?"
_SPEED = re.compile(rf"({_NUMBER})\s*([KMGT]?)B/s", re.ASCII)
_PERIODIC = re.compile(
    rf"Total ({_WHOLE}) records, ({_WHOLE}) bytes \| Speed ({_NUMBER}[KMGT]?B/s), ({_NUMBER}) records/s"
    rf" \| Error ({_WHOLE}) records, ({_WHOLE}) bytes \|"
    rf"(?:.*?WaitWriterTime ({_SECONDS})s)?(?:.*?WaitReaderTime ({_SECONDS})s)?.*?Percentage ({_NUMBER})%",
    re.ASCII,
)
# DataX's labels and Addax's, and what they count.
_LABELS = {
    "任务平均流量": "bytes_per_second",
    "记录写入速度": "records_per_second",
    "读出记录总数": "records_read",
    "读写失败总数": "records_failed",
    "Transformer成功记录总数": "transformer_succeeded",
    "Transformer失败记录总数": "transformer_failed",
    "Transformer过滤记录总数": "transformer_filtered",
    "Average   bps": "bytes_per_second",
    "Average   rps": "records_per_second",
    "Number of rec": "records_read",
    "Failed record": "records_failed",
}
_LABEL_LINE = re.compile(r"^(" + "|".join(map(re.escape, _LABELS)) + rf")\s*:\s*({_NUMBER})\s*([KMGT]?)", re.ASCII)
_CAUSE = "经DataX智能分析,该任务最可能的错误原因是:"
_ADDAX_CAUSE = re.compile(r" ERROR Engine\s+- (?=[a-z][\w.$]*: )")
_CODED = re.compile(r"Code:\[([^\]]{1,80})\],\s*Descri(?:ption|be):\[(.*?)\]\.?\s*(?:-\s*(.*))?$", re.DOTALL)
# Which lines are worth a look at all: everything else is skipped without being decoded.
_MARKS = re.compile(
    b"|".join(
        re.escape(mark.encode())
        for mark in (
            " records/s | Error ",
            _CAUSE,
            " ERROR Engine ",
            "Code:[",
            "] channels for [",
            "OutOfMemoryError",
            "Error: Could not find or load",
            *_LABELS,
        )
    )
)
# What each task group says at its start.
_CHANNELS = re.compile(r"taskGroupId=\[\d+\] start(?:ed)? \[(\d{1,6})\] channels for \[\d+\] tasks", re.ASCII)
_CLASS = re.compile(r"^(?:Caused by: )?(?:[a-z][\w$]*\.)+(?=[A-Z])[\w$]*?(?:Exception|Error): ")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run failed, as far as it said so. `code` is DataX's, such as `Framework-14`."""

    code: str | None
    message: str


class OutputReader:
    """Feed it stdout, cut anywhere. `progress` has the public API's keys, and the waits of both sides in seconds.

    `channels` counts those that were started.
    """

    def __init__(self) -> None:
        self.progress: dict[str, Any] | None = None
        self.channels = 0
        self._rest = b""
        self._cutting = False
        self._cause: list[str] | None = None
        self._cause_bytes = 0
        self._root: str | None = None
        self._coded: str | None = None
        self._other: str | None = None

    def feed(self, chunk: bytes) -> None:
        block = self._rest + chunk
        end = block.rfind(b"\n") + 1
        self._rest = block[end:]
        if len(self._rest) > LINE_BYTES:
            self._rest = self._rest[:LINE_BYTES]
        self._lines(block[:end])

    def finish(self) -> None:
        """Read what stands after the last line end."""
        self._lines(self._rest + b"\n")
        self._rest = b""

    @property
    def failure(self) -> Failure | None:
        """The cause that the run gave; None when it gave none."""
        if self._cause:
            return _read_cause("\n".join(self._cause).strip(), self._root)
        found = self._coded or self._other
        return _read_cause(found) if found else None

    def _lines(self, block: bytes) -> None:
        position = 0
        while position < len(block):
            if self._cause is None:
                mark = _MARKS.search(block, position)
                if mark is None:
                    return
                position = block.rfind(b"\n", position, mark.start()) + 1 or position
            end = block.find(b"\n", position)
            self._line(block[position : min(end, position + LINE_BYTES)].decode("utf-8", "replace").rstrip("\r"))
            position = end + 1

    def _line(self, line: str) -> None:
        if self._cause is not None:
            self._take_cause(line)
        elif line.strip() == _CAUSE:
            self._cause = []
        elif found := _ADDAX_CAUSE.search(line):
            self._cause = [line[found.end() :]]
        elif found := _PERIODIC.search(line):
            self._take_periodic(found)
        elif found := _CHANNELS.search(line):
            self.channels += int(found[1])
        elif found := _LABEL_LINE.match(line):
            self._take_label(_LABELS[found[1]], found[2], found[3])
        elif "Code:[" in line and "Descri" in line:
            self._coded = line
        elif "OutOfMemoryError" in line or "Could not find or load" in line:
            self._other = self._other or line

    def _take_cause(self, line: str) -> None:
        assert self._cause is not None
        if line.startswith("\tat ") or self._cause_bytes > CAUSE_BYTES:
            self._cause_bytes = CAUSE_BYTES + 1  # the stack trace begins: what follows explains nothing but its root
            self._root = line[:CAUSE_BYTES] if line.startswith("Caused by: ") else self._root
            return
        self._cause.append(line)
        self._cause_bytes += len(line)

    def _take_periodic(self, found: re.Match[str]) -> None:
        self.progress = {
            "records_read": int(found[1]),
            "records_failed": int(found[5]),
            "bytes_read": int(found[2]),
            "records_per_second": float(found[4]),
            "bytes_per_second": _speed(found[3]),
            "percent": float(found[9]),
            "wait_writer": _seconds(found[7]),
            "wait_reader": _seconds(found[8]),
        }

    def _take_label(self, key: str, number: str, unit: str) -> None:
        value = float(number) * _UNITS[unit] if key.endswith("_per_second") else int(float(number))
        self.progress = {**(self.progress or {}), key: value}


def _speed(text: str) -> float:
    found = _SPEED.fullmatch(text)
    return float(found[1]) * _UNITS[found[2]] if found else 0.0


def _seconds(text: str | None) -> float:
    return float((text or "0").replace(",", ""))


def _read_cause(text: str, root: str | None = None) -> Failure:
    """`root` is the last cause of a stack trace; with a code the text has it already."""
    coded = _CODED.search(text)
    if coded is None:
        said, why = _CLASS.sub("", text), _CLASS.sub("", root or "")
        return Failure(None, said if why in said else f"{said}: {why}")
    description, detail = coded[2].strip(" ."), (coded[3] or "").strip()
    return Failure(coded[1], f"{description}. {detail}" if detail else description)

"""The result of `execute_datax_job`: the four-key object of the seed guide."""

from typing import Any

from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

# Each of stdout and stderr keeps its first and last part of this many bytes.
PART_BYTES = 512 * 1024
BRIEF_CHARACTERS = 2000


class ExecuteResult(TypedDict):
    success: bool
    exit_code: int
    stdout: str
    stderr: str


def parse(stored: Any) -> ExecuteResult:
    """Shape: `{"success": bool, "exit_code": int, "stdout": str, "stderr": str}`, nothing else, whatever the state."""
    return ExecuteResult(
        success=stored["success"], exit_code=stored["exit_code"], stdout=stored["stdout"], stderr=stored["stderr"]
    )


def brief(result: ExecuteResult) -> ExecuteResult:
    """The same with only the ends of stdout and stderr: what a list of tasks carries."""
    return ExecuteResult(
        success=result["success"],
        exit_code=result["exit_code"],
        stdout=_end_of(result["stdout"]),
        stderr=_end_of(result["stderr"]),
    )


def _end_of(text: str) -> str:
    left_out = len(text) - BRIEF_CHARACTERS
    return text if left_out <= 0 else f"… {left_out} characters left out; the task itself has them …\n{text[left_out:]}"


def without_run(reason: str, exit_code: int = -1) -> ExecuteResult:
    """The result of a task whose engine never ran or never finished."""
    return ExecuteResult(success=False, exit_code=exit_code, stdout="", stderr=reason)


class HeadAndTail:
    """Text in constant memory: the first and the last `part` bytes of what was fed."""

    def __init__(self, part: int = PART_BYTES) -> None:
        self._part = part
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0

    def feed(self, chunk: bytes) -> None:
        room = self._part - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:] if room > 0 else chunk
        if len(self._tail) > 2 * self._part:
            self._cut()

    def text(self, where: str) -> str:
        """`where` says in the line between the parts where the whole can be read."""
        self._cut()
        head, tail = self._head.decode("utf-8", "ignore"), self._tail.decode("utf-8", "ignore")
        if not self._dropped:
            return bytes(self._head + self._tail).decode("utf-8", "replace")
        return f"{head}\n… {self._dropped} bytes left out; the whole is at {where} …\n{tail}"

    def _cut(self) -> None:
        excess = len(self._tail) - self._part
        if excess > 0:
            del self._tail[:excess]
            self._dropped += excess

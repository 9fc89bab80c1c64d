"""What can be wrong with a job document, said so that a person and an editor can find the place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from datax_job.masking import MASK
from datax_job.secrets import replaced


class Severity(StrEnum):
    """`error` stops the job, `warning` will likely surprise, `advice` is legal but known to hurt."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence and the values in it, kept apart so that it can be said in the reader's language.

    `template` is English with `%(name)s` places; a literal percent sign is written `%%`. A value may be a sentence itself. Of a value
    that is a URL the credentials are not said.
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template % self._said(str)

    def translated(self, gettext: Callable[[str], str]) -> str:
        return gettext(self.template) % self._said(lambda text: text.translated(gettext))

    def _said(self, say: "Callable[[Text], str]") -> dict[str, Any]:
        return {
            name: say(value) if isinstance(value, Text) else _without_credentials(value)
            for name, value in self.values.items()
        }


def _without_credentials(value: Any) -> Any:
    return replaced(value, MASK) if isinstance(value, str) and "://" in value else value


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `pointer` is a JSON pointer into the document (`""` is the whole of it), `line` and `column` count from 1."""

    pointer: str
    text: Text
    severity: Severity = Severity.ERROR
    line: int | None = None
    column: int | None = None

    @property
    def message(self) -> str:
        return str(self.text)

    def as_dict(self) -> dict[str, Any]:
        """The shape the public API promises."""
        return {
            "pointer": self.pointer,
            "line": self.line,
            "column": self.column,
            "severity": self.severity.value,
            "message": self.message,
        }


class DocumentError(Exception):
    """The document cannot be used; `problems` says where and why, and is never empty."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems

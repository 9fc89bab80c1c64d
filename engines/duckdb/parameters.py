"""What a plugin takes: its table of parameters, and the reading of a job's values against it.

The table is the one source of three things: what is refused, what the documentation says, and what a plugin may ask for.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from datax_job.problem import Problem, Text

# DataX's code for a value that is not of its type, whichever plugin asks for it.
NOT_READ = "Common-00"


class Support(StrEnum):
    EXACT = "exact"
    UNNEEDED = "no effect"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: `note` says in the documentation what is peculiar about it; of a refused one it is the reason."""

    name: str
    support: Support = Support.EXACT
    note: str = ""


@dataclass(frozen=True, slots=True)
class Refusal(Problem):
    """A problem with the error code that DataX gives such a job."""

    code: str = "Framework-03"


@dataclass(frozen=True, slots=True)
class Codes:
    """The plugin's codes for a value that is missing and for one that is not allowed."""

    required: str
    illegal: str


def escape(key: str) -> str:
    """A key as one step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


class Arguments:
    """The values that a job gives one plugin. Each look-up that fails notes a problem and answers with the default."""

    def __init__(
        self,
        plugin: str,
        values: Mapping[str, Any],
        table: Sequence[Parameter],
        codes: Codes,
        pointer: str,
        problems: list[Problem],
    ) -> None:
        self.plugin = plugin
        self.values = values
        self.codes = codes
        self.pointer = pointer
        self.problems = problems
        self._check_names({parameter.name: parameter for parameter in table})

    def _check_names(self, table: Mapping[str, Parameter]) -> None:
        for name in self.values:
            known = table.get(name)
            if known is None:
                template = "%(plugin)s here does not know the parameter %(name)s. Remove it, or run this job with the engine datax."
                self.refuse(name, template, {}, "Framework-03")
            elif known.support is Support.REFUSED:
                template = "%(plugin)s here does not support %(name)s: %(reason)s"
                self.refuse(name, template, {"reason": known.note}, "Framework-03")

    def refuse(
        self, name: str, template: str, values: Mapping[str, Any] | None = None, code: str | None = None
    ) -> None:
        """Note what is wrong with the parameter `name` (a path of steps may be given, `column/0/type`)."""
        text = Text(template, {"plugin": self.plugin, "name": name, **(values or {})})
        pointer = f"{self.pointer}/{name}" if name else self.pointer
        self.problems.append(Refusal(pointer, text, code=code or self.codes.illegal))

    def raw(self, name: str) -> Any:
        return self.values.get(name)

    def text(self, name: str, default: str | None = None) -> str | None:
        """A string. DataX reads numbers and booleans as their text, so do we."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int | float):
            return str(value)
        self.refuse(name, "%(name)s must be a string.")
        return default

    def required_text(self, name: str) -> str:
        """A string that must be there and not blank."""
        value = self.text(name)
        if self.raw(name) is None or (value is not None and not value.strip()):
            self.refuse(name, "%(plugin)s needs the parameter %(name)s.", code=self.codes.required)
        return value or ""

    def number(self, name: str, default: int, minimum: int = 0, illegal: str | None = None) -> int:
        """`illegal` is the code of a number below the minimum, where it is not the plugin's usual one."""
        value = self.values.get(name)
        if value is None:
            return default
        number = int(str(value)) if re.fullmatch(r"[+-]?\d+", str(value)) else None
        if number is None or number < minimum:
            code = NOT_READ if number is None else illegal
            self.refuse(name, "%(name)s must be a whole number, %(minimum)s or more.", {"minimum": minimum}, code)
            return default
        return number

    def flag(self, name: str, default: bool) -> bool:
        value = self.values.get(name)
        word = str(value).lower()
        if value is None:
            return default
        if word not in ("true", "false"):
            self.refuse(name, "%(name)s must be true or false.", code=NOT_READ)
        return word == "true"

    def texts(self, name: str) -> list[str]:
        """A list of strings; a single string is a list of one, as DataX's older jobs write it."""
        value = self.values.get(name)
        if value is None:
            return []
        if isinstance(value, str):
            return [value]
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return list(value)
        self.refuse(name, "%(name)s must be a list of strings.")
        return []

    def one_of(self, name: str, allowed: Sequence[str], default: str | None) -> str | None:
        """A word out of a few, without regard to case; blank counts as not given."""
        value = (self.text(name) or "").strip()
        if not value:
            return default
        if value.lower() not in allowed:
            self.refuse(name, "%(name)s must be one of %(allowed)s.", {"allowed": ", ".join(allowed)})
        return value.lower()

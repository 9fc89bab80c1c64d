"""What a rule finds: a place and a sentence, before it is known where in the text that place is."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from datax_job.problem import Severity, Text

# Nobody reads more, and a document of a million mistakes must not make a million problems.
MOST_FINDINGS = 200
_MOST_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Finding:
    pointer: str
    text: Text
    severity: Severity = Severity.ERROR


def shown(text: str) -> str:
    """A text from the document, short enough for a sentence."""
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + "…"


def is_remark(name: str) -> bool:
    """Whether a member is there for people only, as JSON has no comments."""
    return name.startswith(("_", "#", "//")) or name.lower() in ("comment", "remark", "description")


def meant(word: str, known: Iterable[str], least: float = 0.75) -> str | None:
    """The known name that a misspelt one is most like."""
    if len(word) > _MOST_CHARACTERS:
        return None
    names = sorted(known)
    same = {name.lower(): name for name in names}
    return same.get(word.lower()) or next(iter(difflib.get_close_matches(word, names, 1, least)), None)

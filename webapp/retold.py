"""Sentences that are kept in English, such as why a task was stopped, in the language of whoever reads them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import get_locale, get_translations

_PLACE = re.compile(r"%\((\w+)\)[sdr]")
# What says less between its values may be anything.
FEWEST_LETTERS = 8
# Nobody wrote a sentence that is longer than this.
MOST_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Sentence:
    """What stands between the values of a sentence, their names, and how the other language says it."""

    between: tuple[str, ...]
    names: tuple[str, ...]
    said: str

    def values(self, text: str) -> dict[str, str] | None:
        """Those of a text that is this sentence. Takes as long as the text is, whatever it holds."""
        *before, last = self.between
        if not text.startswith(before[0]) or not text.endswith(last):
            return None
        values, at, end = {}, len(before[0]), len(text) - len(last)
        for name, following in zip(self.names, [*before[1:], None], strict=True):
            until = end if following is None else text.find(following, at, end)
            if until < at:
                return None
            values[name], at = text[at:until], until + len(following or "")
        return values


def retold(text: str) -> str:
    """The text in the reader's language where it is known as a sentence of ours, else as it is."""
    return _retold(str(get_locale() or "en"), text) if len(text) <= MOST_CHARACTERS else text


@lru_cache(maxsize=2048)
def _retold(language: str, text: str) -> str:
    exact = str(get_translations().gettext(text)) if text else text
    if exact != text:
        return exact
    for sentence in _sentences(language):
        if (values := sentence.values(text)) is not None:
            return sentence.said % values
    return text


@lru_cache(maxsize=8)
def _sentences(language: str) -> tuple[Sentence, ...]:
    """The one with the most words of its own first: it says most surely that a text is it."""
    return tuple(sorted(_known(), key=lambda sentence: -sum(map(len, sentence.between))))


def _known() -> Iterator[Sentence]:
    for template, said in getattr(get_translations(), "_catalog", {}).items():
        names = _PLACE.findall(template) if isinstance(template, str) else []
        between = tuple(part.replace("%%", "%") for part in _PLACE.split(template)[::2]) if names else ()
        if sum(letter.isalpha() for part in between for letter in part) >= FEWEST_LETTERS and isinstance(said, str):
            # Values are texts by now, however they were written.
            yield Sentence(between, tuple(names), _PLACE.sub(r"%(\1)s", said))

"""No text that somebody sends keeps a regular expression busy: each is fed what would take a careless one hours."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from tests.security.patterns import attacks, patterns, sample

# From its start a pattern must be through a long text in one go; looked for everywhere, it may begin at each place of a short one.
LONG, SHORT = 100_000, 3_000
# Far more than any takes; the time that only this process takes counts, so a busy machine does not matter.
CPU_SECONDS = 20.0

PATTERNS = patterns()


class TooLong(Exception):
    """The bound was reached within one pattern."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def fed(pattern: re.Pattern[Any], text: str) -> str | bytes:
    return text.encode() if isinstance(pattern.pattern, bytes) else text


def test_every_expression_was_found() -> None:
    assert len(PATTERNS) > 60
    assert {"webapp.hosts._HOST[0]", "datax_job.syntax.SPACE[0]"} <= set(PATTERNS)


@pytest.mark.parametrize("name", PATTERNS)
def test_an_expression_is_soon_through_what_it_begins_to_read(name: str) -> None:
    pattern = PATTERNS[name]
    with at_most(CPU_SECONDS):
        for text in attacks(pattern, LONG):
            pattern.match(fed(pattern, text))
            pattern.fullmatch(fed(pattern, text))


@pytest.mark.parametrize("name", PATTERNS)
def test_an_expression_is_soon_through_what_it_looks_for(name: str) -> None:
    pattern = PATTERNS[name]
    with at_most(CPU_SECONDS):
        for text in attacks(pattern, SHORT):
            for _ in pattern.finditer(fed(pattern, text)):
                pass


def test_the_bound_catches_an_expression_that_is_careless() -> None:
    careless = re.compile(r"(a+)+b")
    with pytest.raises(TooLong), at_most(0.5):
        for text in attacks(careless, LONG):
            careless.match(text)


def test_a_sample_is_what_a_pattern_begins_with() -> None:
    assert sample(re.compile(r"jdbc:(?:mysql|oracle)://[a-z]{3}\d+")) == "jdbc:mysql://aaaa"

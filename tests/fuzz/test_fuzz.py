"""A little of `make fuzz` at every run of the tests: always the same inputs, and those that broke something once."""

from random import Random

import pytest

from tests.fuzz.targets import TARGETS

INPUTS = 1500
# Inputs that are longer than others take longer; one that hangs is killed with its test process after this many seconds.
BLOCK = 100


@pytest.mark.parametrize("first", range(0, INPUTS, BLOCK))
@pytest.mark.parametrize("target", TARGETS)
def test_odd_input_is_answered_or_refused(target: str, first: int) -> None:
    for seed in range(first, first + BLOCK):
        try:
            TARGETS[target](Random(seed))
        except Exception as error:
            raise AssertionError(f"python -m tests.fuzz again {target} {seed}") from error

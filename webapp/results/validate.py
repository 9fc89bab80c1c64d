"""The result of `validate_datax_job`: true or false."""

from typing import Any


def parse(stored: Any) -> bool:
    return bool(stored)

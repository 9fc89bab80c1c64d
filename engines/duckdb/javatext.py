"""What Java makes of a text: how long it is, and which number it stands for."""

import re

# java.math.BigDecimal: any Unicode digit counts, and so does a number that ends in its point.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_SPECIAL = {"nan", "infinity", "-infinity"}
# Past this exponent Java's numbers would fill the memory, or fail: the value counts as unreadable.
MAX_EXPONENT = 10_000
INT_MAX = 2**31 - 1


def length(text: str) -> int:
    """Java counts UTF-16 units: a character beyond the basic plane is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def long_text(text: str) -> str | None:
    """DataX's LongColumn: the whole part of a decimal number of any length; None where DataX finds no number."""
    match = _NUMBER.fullmatch(text)
    if match is None or abs(int((match.group(2) or "e0")[1:])) > MAX_EXPONENT:
        return None
    from decimal import ROUND_DOWN, Context, Decimal

    precise = Context(prec=len(text) + 2 * MAX_EXPONENT, rounding=ROUND_DOWN)
    whole = Decimal(text).to_integral_value(ROUND_DOWN, precise)
    digits = f"{whole:f}".lstrip("+")
    return "0" if digits == "-0" else digits


def double_text(text: str) -> str | None:
    """DataX's DoubleColumn: the text itself where it is a number, None where not."""
    if text.lower() in _SPECIAL or _NUMBER.fullmatch(text):
        return text
    return None

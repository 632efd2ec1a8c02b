"""Amounts in words, with the unit of an indicator."""

from __future__ import annotations

import math

from qicsim.ground.numbers import MILLION, fine

DOLLARS = "US$"
GROUPS = {"all": "all facilities", "health_centre": "health centres", "referral_hospital": "referral hospitals",
          "never": "facilities that never joined", "ever": "facilities that ever joined"}


def scale(unit: str) -> tuple[float, str]:
    """What an amount in this unit is multiplied by for readers, and what it is called then."""
    if unit == "share":
        return 100.0, "percentage points"
    if unit.startswith(DOLLARS):
        return 1.0 / MILLION, f"million {unit}"
    return 1.0, unit


def amount(value: float, unit: str, *, named: bool = True, sign: bool = True) -> str:
    """An amount, with its sign and its unit on request; "no value" where there is none."""
    if not math.isfinite(value):
        return "no value"
    factor, word = scale(unit)
    written = fine(value * factor, sign=sign)
    return f"{written} {word}" if named else written


def group_words(group: str) -> str:
    """A group of facilities in words."""
    return GROUPS.get(group, group.replace("_", " "))


def sentence_case(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def between(low: float, high: float, unit: str) -> str:
    """An interval of amounts."""
    return f"{amount(low, unit, named=False)} to {amount(high, unit, named=False)}"

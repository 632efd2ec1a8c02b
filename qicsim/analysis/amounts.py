"""Amounts in words, with the unit of an indicator."""

from __future__ import annotations

import math

DOLLARS = "US$"
LARGE, SMALL, MOST_PLACES = 100.0, 0.1, 6
MINUS = "\u2212"
GROUPS = {"all": "all facilities", "health_centre": "health centres", "referral_hospital": "referral hospitals",
          "never": "facilities that never joined", "ever": "facilities that ever joined"}


def scale(unit: str) -> tuple[float, str]:
    """What an amount in this unit is multiplied by for readers, and what it is called then."""
    if unit == "share":
        return 100.0, "percentage points"
    if unit.startswith(DOLLARS):
        return 1e-6, f"million {unit}"
    return 1.0, unit


def amount(value: float, unit: str, *, named: bool = True, sign: bool = True) -> str:
    """An amount, with its sign and its unit on request; "no value" where there is none."""
    if not math.isfinite(value):
        return "no value"
    factor, word = scale(unit)
    text = digits(value * factor)
    written = f"+{text}" if sign and not text.startswith(MINUS) and text.strip("0.,") else text
    return f"{written} {word}" if named else written


def digits(value: float) -> str:
    """A number with two digits after the point; one where it is large, more where it is small."""
    size = abs(value)
    small = 0 if size == 0.0 else -math.floor(math.log10(size)) + (size < SMALL)
    places = 1 if size >= LARGE else min(max(2, small), MOST_PLACES)
    text = f"{size:,.{places}f}"
    return MINUS + text if value < 0 and text.strip("0.,") else text


def group_words(group: str) -> str:
    """A group of facilities in words."""
    return GROUPS.get(group, group.replace("_", " "))


def sentence_case(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def between(low: float, high: float, unit: str) -> str:
    """An interval of amounts."""
    return f"{amount(low, unit, named=False)} to {amount(high, unit, named=False)}"

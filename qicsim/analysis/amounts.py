"""Amounts in words, with the unit of an indicator."""

from __future__ import annotations

import math

from qicsim.ground.numbers import MILLION, fine
from qicsim.ground.translatable import Told, as_written, tell

DOLLARS = "US$"
GROUPS = {"all": tell("all facilities"), "health_centre": tell("health centres"),
          "referral_hospital": tell("referral hospitals"), "never": tell("facilities that never joined"),
          "ever": tell("facilities that ever joined")}


def scale(unit: str) -> tuple[float, Told]:
    """What an amount in this unit is multiplied by for readers, and what it is called then."""
    if unit == "share":
        return 100.0, tell("percentage points")
    if unit.startswith(DOLLARS):
        return 1.0 / MILLION, tell("million {unit}", unit=as_written(unit))
    return 1.0, as_written(unit)


def amount(value: float, unit: str, *, named: bool = True, sign: bool = True) -> str:
    """An amount, with its sign and its unit on request; "no value" where there is none."""
    if not math.isfinite(value):
        return tell("no value")
    factor, word = scale(unit)
    written = fine(value * factor, sign=sign)
    return tell("{amount} {unit}", amount=written, unit=word) if named else written


def group_words(group: str) -> Told:
    """A group of facilities in words."""
    return GROUPS.get(group) or as_written(group.replace("_", " "))


def sentence_case(text: str) -> Told:
    """The text with a capital at its start."""
    return tell("{Text}", Text=text)


def between(low: float, high: float, unit: str) -> Told:
    """An interval of amounts."""
    return tell("{low} to {high}", low=amount(low, unit, named=False), high=amount(high, unit, named=False))

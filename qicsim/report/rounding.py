"""Rounded numbers that add up to their rounded sum, so that a reader who adds finds no fault."""

from __future__ import annotations

import math
from collections.abc import Sequence


def adding(parts: Sequence[float], digits: int = 1) -> list[float]:
    """The parts rounded so that they add up to their rounded sum: units go to the largest remainders (Hamilton)."""
    if not all(map(math.isfinite, parts)):
        return list(parts)
    unit = 10.0**-digits
    scaled = [part / unit for part in parts]
    found = [math.floor(part) for part in scaled]
    missing = round(sum(scaled)) - sum(found)
    for place in sorted(range(len(parts)), key=lambda at: found[at] - scaled[at])[:missing]:
        found[place] += 1
    return [round(part * unit, digits) for part in found]

"""Luck: quality moves for reasons that no mechanism names, and facilities stay different from each other.

    change = sigma * sqrt(3) * min(1, h / 30) * (0.7 z_i + 0.7 z_ia)      in the first month of each quarter

z_i, z_ia  standard normal numbers of the facility, and of the facility and area;  h  headroom;  sigma  SD of a month

The luck of three months is drawn at once (same variance a quarter, a third of the numbers): nothing reads true quality
between the quarter's rounds closely enough to tell. A change never leads out of 0 to the ceiling.
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Parameter, Uniform

OWN_SHARE = 0.7
FULL_LUCK_HEADROOM = 30.0
MONTHS_AT_ONCE = math.sqrt(3.0)


class Luck(NamedTuple):
    """Size of luck."""

    sigma: Annotated[float, Parameter("standard deviation of a month's luck", "points", 0.0, 2.0,
                                      Uniform(0.4, 1.0), "assumption", "A")] = 0.7


@compiled
def luck_change(quality, headroom, z_facility, z_area, luck):
    """Points by which a quarter's luck moves an area, kept within 0 and the ceiling."""
    size = luck.sigma * MONTHS_AT_ONCE * min(1.0, headroom / FULL_LUCK_HEADROOM)
    return max(min(size * OWN_SHARE * (z_facility + z_area), headroom), -quality)

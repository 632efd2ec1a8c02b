"""Ceilings and gaps: how much of a care area is left to improve.

    h = max(C_a - Q, 0)            headroom, points
    gap(Q) = h / (C_a - 50)        1 at mid scale, 0 at the ceiling

Q    true quality of the area, points (0-100)
C_a  ceiling of the area: higher for a single procedure than for structure and broad areas

One ceiling for all areas cannot be right: 76 % of the charts that Franco and Marquez collected reached 90 %.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Normal, Parameter

MID_SCALE = 50.0


class Ceilings(NamedTuple):
    """Highest true quality that a facility can reach in an area."""

    single: Annotated[float, Parameter("ceiling of an area that is one procedure", "points", 96.0, 100.0,
                                       Normal(98.5, 0.7), "franco-2011", "W")] = 98.5
    broad: Annotated[float, Parameter("ceiling of structure and of broad areas", "points", 85.0, 99.0,
                                      Normal(93.0, 2.5), "franco-2011", "W")] = 93.0


@compiled
def ceiling_of(broad, ceilings):
    """Ceiling of an area, points."""
    return ceilings.broad if broad else ceilings.single


@compiled
def headroom(quality, ceiling):
    """Points left below the ceiling."""
    return max(ceiling - quality, 0.0)


@compiled
def mid_gap(quality, ceiling):
    """Headroom relative to the headroom at mid scale."""
    return max(ceiling - quality, 0.0) / (ceiling - MID_SCALE)

"""Transfer: what one team can take over from another that is ahead.

    reach = min(max(better - Q, 0), gap_max)

A team too far ahead has little to teach: gap_max is theory. Used by sessions and exchange visits.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Parameter, Uniform


class Transfer(NamedTuple):
    """How far apart two teams may be for one to learn from the other."""

    gap_max: Annotated[float, Parameter("gap beyond which nothing more is transferred", "points", 10.0, 60.0,
                                        Uniform(15.0, 50.0), "assumption", "A")] = 30.0


@compiled
def reach(better, quality, transfer):
    """Points of a gap that can be transferred."""
    return min(max(better - quality, 0.0), transfer.gap_max)

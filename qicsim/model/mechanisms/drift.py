"""Secular drift: what would happen without PBF and without collaboratives.

    change = trend0 * gap(Q)        points a month

Control facilities of BetterBirth rose 2.2 points in ten months (Semrau et al. 2017); the prior allows decline.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Normal, Parameter


class Drift(NamedTuple):
    """Change that nobody made."""

    trend0: Annotated[float, Parameter("drift at mid gap", "points/month", -0.1, 0.2,
                                       Normal(0.02, 0.03), "semrau-2017", "W")] = 0.02


@compiled
def drift_change(gap, drift):
    """Points of drift in a month."""
    return drift.trend0 * gap

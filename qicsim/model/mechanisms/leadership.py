"""Leadership: how strongly the district's managers stand behind the teams.

    L ~ lognormal, mean 1, standard deviation lead_sd; redrawn when the district's chief changes
    L_eff = L + institutionalised * hold * max(1 - L, 0)

Chiefs change with an annual probability. A national policy holds up weak leadership: it lifts L below 1 towards 1.
Reviews agree that leadership matters (Zamboni et al. 2020) and give no size.
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Beta, Parameter, Uniform


class Leadership(NamedTuple):
    """Spread, turnover and stability of district leadership."""

    sd: Annotated[float, Parameter("spread of leadership between districts", "ratio", 0.05, 0.6,
                                   Uniform(0.15, 0.40), "zamboni-2020", "W")] = 0.27
    turnover: Annotated[float, Parameter("probability that a district's chief changes", "1/year", 0.0, 0.6,
                                         Beta(3.0, 17.0), "assumption", "A")] = 0.15
    hold: Annotated[float, Parameter("how far a national policy lifts weak leadership to the mean", "share", 0.0, 1.0,
                                     Beta(2.0, 3.0), "assumption", "A")] = 0.4


@compiled
def leadership_drawn(z, leadership):
    """Leadership of a new chief from a standard normal number."""
    variance = math.log(1.0 + leadership.sd * leadership.sd)
    return math.exp(math.sqrt(variance) * z - 0.5 * variance)


@compiled
def leadership_held(drawn, institutionalised, leadership):
    """Leadership in force under a national policy of level `institutionalised` (0-1)."""
    return drawn + institutionalised * leadership.hold * max(1.0 - drawn, 0.0)

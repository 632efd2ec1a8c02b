"""Motivation: a stock in standard deviations, 0 at the start, that drifts towards what the system does to it.

    target = crowd * stake_eff - delay_cost * max(delay - 3, 0) + coached * s
    m' = m + relax * (target - m)

stake_eff  effect of the payment stake, 0 without PBF;  delay  months that payments take, 0 without PBF;  s  support
Crowding-out is strong in theory and null in a trial (Shen et al. 2017): centred on 0. Delays demotivate (Borghi et al.
2021; Burkina Faso). A host of an exchange visit gains recognition at once (`exchange`).
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Beta, HalfNormal, Normal, Parameter

USUAL_DELAY = 3.0
MOST_MOTIVATION = 3.0


class Motivation(NamedTuple):
    """What moves motivation."""

    crowd: Annotated[float, Parameter("motivation that the payment stake adds (or, negative, crowds out)", "SD",
                                      -0.4, 0.3, Normal(0.0, 0.09), "shen-2017", "W")] = 0.0
    delay_cost: Annotated[float, Parameter("motivation lost for each month that payments take beyond three", "SD/month",
                                           0.0, 0.3, HalfNormal(0.05), "borghi-2021", "W")] = 0.03
    coached: Annotated[float, Parameter("motivation that full support adds", "SD", 0.0, 0.8,
                                        HalfNormal(0.15), "cassidy-2021", "A")] = 0.1
    relax: Annotated[float, Parameter("share of the way to its target that motivation goes", "1/month", 0.01, 0.5,
                                      Beta(3.0, 27.0), "assumption", "A")] = 0.1


@compiled
def motivation_target(stake_effect, delay, support, motivation):
    """Where motivation is heading, SD."""
    late = max(delay - USUAL_DELAY, 0.0)
    return motivation.crowd * stake_effect - motivation.delay_cost * late + motivation.coached * support


@compiled
def motivation_after(level, target, motivation):
    """Motivation after a month, within -3 to 3 SD."""
    return min(max(level + motivation.relax * (target - level), -MOST_MOTIVATION), MOST_MOTIVATION)

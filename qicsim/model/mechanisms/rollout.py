"""Roll-out: provinces open, districts are launched, facilities join.

Districts that can be launched accumulate every quarter by

    launch_rate * (1 + launch_growth)^k * (1 - launch_shock * shock) * boost

up to what the scenario allows. k counts the quarters in which the programme has been launching. They are spread over
the active provinces; the next province of the scenario's order opens when the launched share of the districts of the
active ones reaches `filled`. On launch the referral hospitals join. Health centres become eligible

    hc_delay * exp(-delay_learning * k_launch)        months after the launch (teams learn to start faster)

and then join each quarter with probability

    1 - exp(-join_hazard * L * (1 + peer_pull * share of network peers that ever joined))

shock  index of the pandemic, 0-1;  L  leadership of the district, mean 1;  boost  a lever

Source: the form is ours. The priors are assumptions that span slow and fast programmes (a district in half a year or
three in a quarter; centres that join within months or over years): the counts that Perry et al. 2022 report are what
the model is fitted to, so they are not used here. The defaults, which no prior is built on, give about those counts.
"Facilities" counts teams that ever joined.
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Beta, Gamma, HalfNormal, LogNormal, Parameter, Uniform


class Rollout(NamedTuple):
    """How fast districts are launched and facilities join."""

    launch_rate: Annotated[float, Parameter("districts that can be launched in the first quarter", "districts/quarter",
                                            0.1, 6.0, LogNormal(1.0, 0.6), "assumption", "A")] = 1.3
    launch_growth: Annotated[float, Parameter("growth of the launch rate", "1/quarter", 0.0, 0.5,
                                              Gamma(0.12, 2.0), "assumption", "A")] = 0.15
    launch_shock: Annotated[float, Parameter("share of launches lost at full shock", "share", 0.0, 1.0,
                                             Beta(2.0, 2.0), "assumption", "A")] = 0.45
    filled: Annotated[float, Parameter("launched share of the active provinces at which the next one opens", "share",
                                       0.05, 1.0, Beta(2.0, 2.0), "assumption", "A")] = 0.4
    hc_delay: Annotated[float, Parameter("months from launch until the first health centres may join", "months",
                                         0.0, 12.0, Uniform(0.0, 9.0), "assumption", "A")] = 4.0
    delay_learning: Annotated[float, Parameter("how fast that delay shortens", "1/quarter", 0.0, 0.5,
                                               Gamma(0.12, 2.0), "assumption", "A")] = 0.12
    join_hazard: Annotated[float, Parameter("hazard of joining of an eligible health centre", "1/quarter", 0.05, 10.0,
                                            LogNormal(1.0, 0.8), "assumption", "A")] = 2.0
    peer_pull: Annotated[float, Parameter("how far peers that joined raise the hazard of joining", "ratio", 0.0, 4.0,
                                          HalfNormal(1.0), "assumption", "A")] = 0.9


@compiled
def launch_capacity(quarters, shock, boost, rollout):
    """Districts that can be launched in a quarter, after `quarters` quarters of launching."""
    growth = (1.0 + rollout.launch_growth) ** quarters
    return rollout.launch_rate * growth * (1.0 - rollout.launch_shock * shock) * boost


@compiled
def eligible_after(quarters, rollout):
    """Months from a launch until health centres may join, for a launch after `quarters` quarters of launching."""
    return rollout.hc_delay * math.exp(-rollout.delay_learning * quarters)


@compiled
def joining_probability(leadership, share_joined, rollout):
    """Probability that an eligible facility joins in a quarter."""
    return 1.0 - math.exp(-rollout.join_hazard * leadership * (1.0 + rollout.peer_pull * share_joined))


@compiled
def province_opens(launched, districts, rollout):
    """Whether the next province opens, with `launched` of the `districts` of the active ones launched."""
    return launched >= rollout.filled * districts

"""Roll-out: provinces open, districts are launched, facilities join.

Districts that can be launched accumulate every quarter by

    min(launch_rate * (1 + launch_growth)^k, launch_most) * (1 - launch_shock * shock) * boost

up to what the scenario allows. k counts the quarters in which the programme has been launching. They are spread over
the active provinces; the next province of the scenario's order opens when the launched share of the districts of the
active ones reaches `filled`. On launch the referral hospitals join. Health centres become eligible

    hc_delay * exp(-delay_learning * k_launch)        months after the launch (teams learn to start faster)

and then join each quarter with probability

    1 - exp(-join_hazard * L * (1 + peer_pull * share of network peers that ever joined) * exp(selection * ahead / 10))

Teams that graduated join again by the same hazard, where the scenario lets them; teams that lapsed come back by one of
their own (`team`).

shock  index of the pandemic, 0-1;  L  leadership of the district, mean 1;  boost  a lever;  ahead  points by which the
last recorded score lies above the mean of the district's open facilities (hospitals, which join on launch: 0)

Source: the form is ours. The priors are assumptions that span slow and fast programmes (a district in half a year or
three in a quarter; centres that join within months or over years): the counts that Perry et al. 2022 report are what
the model is fitted to, so they are not used here. The defaults, which no prior is built on, give about those counts.
Growth of 15 % a quarter reaches six districts a quarter after three years; that it stops near 8 is a guess. No source
says whether better facilities join sooner: no selection is the centre, and at one standard deviation a facility that is
20 points ahead has 1.35 times the hazard. "Facilities" counts teams that ever joined.
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Beta, Gamma, HalfNormal, LogNormal, Normal, Parameter, Uniform

SELECTION_POINTS = 10.0


class Rollout(NamedTuple):
    """How fast districts are launched and facilities join."""

    launch_rate: Annotated[float, Parameter("districts that can be launched in the first quarter", "districts/quarter",
                                            0.1, 6.0, LogNormal(1.0, 0.6), "assumption", "A")] = 1.3
    launch_growth: Annotated[float, Parameter("growth of the launch rate", "1/quarter", 0.0, 0.5,
                                              Gamma(0.12, 2.0), "assumption", "A")] = 0.15
    launch_most: Annotated[float, Parameter("most districts that can ever be launched in a quarter",
                                            "districts/quarter", 1.0, 40.0, LogNormal(8.0, 0.5), "assumption", "A")
                           ] = 8.0
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
    selection: Annotated[float, Parameter("log of the hazard ratio of joining for 10 points above the district",
                                          "1", -1.0, 1.0, Normal(0.0, 0.15), "assumption", "A")] = 0.0


@compiled
def launch_capacity(quarters, shock, boost, rollout):
    """Districts that can be launched in a quarter, after `quarters` quarters of launching."""
    grown = min(rollout.launch_rate * (1.0 + rollout.launch_growth) ** quarters, rollout.launch_most)
    return grown * (1.0 - rollout.launch_shock * shock) * boost


@compiled
def eligible_after(quarters, rollout):
    """Months from a launch until health centres may join, for a launch after `quarters` quarters of launching."""
    return rollout.hc_delay * math.exp(-rollout.delay_learning * quarters)


@compiled
def joining_probability(leadership, share_joined, ahead, rollout):
    """Probability that an eligible facility, `ahead` points above its district's mean score, joins in a quarter."""
    pull = (1.0 + rollout.peer_pull * share_joined) * math.exp(rollout.selection * ahead / SELECTION_POINTS)
    return 1.0 - math.exp(-rollout.join_hazard * leadership * pull)


@compiled
def province_opens(launched, districts, rollout):
    """Whether the next province opens, with `launched` of the `districts` of the active ones launched."""
    return launched >= rollout.filled * districts

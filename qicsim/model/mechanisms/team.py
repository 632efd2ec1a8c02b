"""Team: traits of a team, and how it lapses, comes back or graduates.

    h = h_drop * exp(-leadership_protects * (L - 1) - support_protects * (s - 1)) * (1 + lead_leaves * left)
    probability of lapsing in a month = 1 - exp(-h)

L     leadership of the district;  s  support;  left  1 in the month after the team's lead left
A lapsed team comes back at a learning session with a small probability. A team graduates after `programme_months`
(lever); when support ends, a team that has completed a cycle graduates and the others lapse.

Traits, once for each facility: it responds to collaboratives with probability p_resp; its personal rate is lognormal
with mean 1 and standard deviation rate_sd of the logarithm; its lag is exponential with mean `tau` months.

Only 7 of 29 hospitals stayed engaged in India (Zamboni et al. 2021), all 26 facilities in Rwanda (Werdenberg 2018).
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Beta, Gamma, LogNormal, Parameter


class Team(NamedTuple):
    """Response and engagement of teams."""

    p_resp: Annotated[float, Parameter("share of teams that respond", "share", 0.1, 0.95,
                                       Beta(8.0, 6.5), "glasgow-2012", "Mod")] = 0.55
    rate_sd: Annotated[float, Parameter("spread of personal rates (of the logarithm)", "1", 0.0, 0.8,
                                        Gamma(0.3, 12.0), "assumption", "A")] = 0.3
    tau: Annotated[float, Parameter("mean lag from joining to the first effect", "months", 0.0, 8.0,
                                    Gamma(2.0, 5.0), "perry-2022", "Mod")] = 2.0
    h_drop: Annotated[float, Parameter("hazard of lapsing", "1/month", 0.0, 0.2,
                                       LogNormal(0.03, 0.6), "zamboni-2021", "W")] = 0.03
    leadership_protects: Annotated[float, Parameter("how far leadership lowers the hazard", "1", 0.0, 3.0,
                                                    Gamma(1.0, 4.0), "assumption", "A")] = 1.0
    support_protects: Annotated[float, Parameter("how far support lowers the hazard", "1", 0.0, 3.0,
                                                 Gamma(0.7, 4.0), "ethiopia-2023", "A")] = 0.7
    lead_leaves: Annotated[float, Parameter("how far the loss of the team's lead raises the hazard", "ratio",
                                            0.0, 10.0, Gamma(3.0, 3.0), "assumption", "A")] = 3.0
    rejoin: Annotated[float, Parameter("probability that a lapsed team comes back at a session", "1/session",
                                       0.0, 0.3, Beta(2.0, 48.0), "assumption", "A")] = 0.04


@compiled
def responds(u, team):
    """Whether a facility responds to collaboratives."""
    return u < team.p_resp


@compiled
def personal_rate(z, team):
    """Personal rate of a facility, mean 1."""
    return math.exp(team.rate_sd * z - 0.5 * team.rate_sd * team.rate_sd)


@compiled
def personal_lag(u, team):
    """Months from joining to the first effect."""
    return -team.tau * math.log(1.0 - u)


@compiled
def lapse_probability(leadership, support, lead_left, team):
    """Probability that an active team lapses in a month."""
    protection = team.leadership_protects * (leadership - 1.0) + team.support_protects * (support - 1.0)
    return -math.expm1(-team.h_drop * math.exp(-protection) * (1.0 + team.lead_leaves * lead_left))

"""Team: traits of a team, how it tires, and how it lapses, comes back or graduates.

    h = h_drop * exp(-leadership_protects * (L - 1) - support_protects * (s - 1)) * (1 + lead_leaves * left)
    probability of lapsing in a month = 1 - exp(-h)
    probability that a lapsed team comes back in a quarter in which teams may = 1 - exp(-returns * L)
    drive = exp(-fatigue * months in the collaborative / 12)

L     leadership of the district;  s  support;  left  1 in the month after the team's lead left
A team that comes back joins again: it is trained and begins anew. A team graduates after `programme_months` (lever);
when support ends, a team that has completed a cycle graduates and the others lapse.

Traits, once for each facility: it responds to collaboratives with probability p_resp; its personal rate is lognormal
with mean 1 and standard deviation rate_sd of the logarithm; its lag is exponential with mean `tau` months. A team that
does not respond may, with probability responds_again, each time that it joins again; its rate is then drawn as others'.

Only 7 of 29 hospitals stayed engaged in India (Zamboni et al. 2021), all 26 facilities in Rwanda (Werdenberg 2018): the
prior of the hazard reaches both.
That most who left stayed away is all that is known of returns: a team in 10 comes back in a quarter (5-95 %: 3 to 27 in
100). Nor is fatigue measured: 7 % of the drive a year, so that half is left after ten years, is a guess that holds 0.
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Beta, Gamma, HalfNormal, LogNormal, Parameter

MONTHS_PER_YEAR = 12.0


class Team(NamedTuple):
    """Response and engagement of teams."""

    p_resp: Annotated[float, Parameter("share of teams that respond", "share", 0.1, 0.95,
                                       Beta(8.0, 6.5), "glasgow-2012", "Mod")] = 0.55
    rate_sd: Annotated[float, Parameter("spread of personal rates (of the logarithm)", "1", 0.0, 0.8,
                                        Gamma(0.3, 12.0), "assumption", "A")] = 0.3
    tau: Annotated[float, Parameter("mean lag from joining to the first effect", "months", 0.0, 8.0,
                                    Gamma(2.0, 5.0), "perry-2022", "Mod")] = 2.0
    h_drop: Annotated[float, Parameter("hazard of lapsing", "1/month", 0.0, 0.5,
                                       LogNormal(0.03, 1.2), "zamboni-2021", "W")] = 0.03
    leadership_protects: Annotated[float, Parameter("how far leadership lowers the hazard", "1", 0.0, 3.0,
                                                    Gamma(1.0, 4.0), "assumption", "A")] = 1.0
    support_protects: Annotated[float, Parameter("how far support lowers the hazard", "1", 0.0, 3.0,
                                                 Gamma(0.7, 4.0), "ethiopia-2023", "A")] = 0.7
    lead_leaves: Annotated[float, Parameter("how far the loss of the team's lead raises the hazard", "ratio",
                                            0.0, 10.0, Gamma(3.0, 3.0), "assumption", "A")] = 3.0
    returns: Annotated[float, Parameter("hazard at which a lapsed team comes back where it may", "1/quarter",
                                        0.0, 1.5, LogNormal(0.1, 0.7), "assumption", "A")] = 0.1
    responds_again: Annotated[float, Parameter("share of teams that did not respond that do on joining again", "share",
                                               0.0, 1.0, Beta(2.0, 8.0), "assumption", "A")] = 0.2
    fatigue: Annotated[float, Parameter("rate at which a team loses drive from joining on", "1/year",
                                        0.0, 1.0, HalfNormal(0.1), "assumption", "A")] = 0.07


@compiled
def responds(u, team):
    """Whether a facility responds to collaboratives."""
    return u < team.p_resp


@compiled
def responds_after_all(u, team):
    """Whether a team that did not respond does on joining again."""
    return u < team.responds_again


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


@compiled
def return_probability(leadership, team):
    """Probability that a lapsed team comes back in a quarter in which it may."""
    return -math.expm1(-team.returns * leadership)


@compiled
def drive(months, team):
    """Share of its drive that a team has left after `months` in the collaborative."""
    return math.exp(-team.fatigue * months / MONTHS_PER_YEAR)

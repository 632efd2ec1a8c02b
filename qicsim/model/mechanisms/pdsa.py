"""PDSA: a team tests changes on its topic, and its way of working spills over to other areas.

    k = k_item * e * rate_i * clip(s * L * g(c) * e(m) * E(Q_structure), 0, 2) * x
    on the topic:     change = k * h
    in other areas:   change = spill * k * h   (times 0.3 on structure)

    g(c) = 0.5 + 0.5 c / 0.475      e(m) = exp(0.15 m)      E = clip((Q_structure - inputs + 15) / 30, 0, 1)

    e = efficacy * exp(efficacy_sd z - efficacy_sd^2 / 2)        z  of the district, standard normal

s  support;  L  leadership;  c  capability;  m  motivation (SD);  h  headroom;  x  explicit interaction (`interaction`)
e  efficacy: what all of a collaborative can do here; it multiplies sessions and exchange visits too
rate_i  personal rate times the drive left, 0 for teams that do not respond. The first effect comes after the team's
lag (`team`).

Each factor is 1 for a typical supported team in its first year. k_item is the rate that teams report of themselves,
from the times to 80 % and 90 % of Franco and Marquez 2011 (0.13-0.17); what is left of it is efficacy. Without inputs a
team gets no traction (Ethiopia 2023). Change ideas tested a month: idea_rate * min(s / 0.5, 1) (0.25, Werdenberg et al.
2018).

Efficacy is nothing with some probability: controlled studies neither ask for that nor refuse it (a fifth is a
judgement). Its prior is wide, to be narrowed by trials (`estimate.evidence`). Programmes differ between settings; how
much of that is between districts of a country no study says: half of the variance of the logarithm is a judgement.
Under the structure `efficacy` = national districts do not differ. Nobody has measured spill-over to areas that no team
works on: what trials show inside their declared outcomes bounds it from above (0, 0.15 and 0.56 of the weakest).

A team gains by PDSA, spill-over and sessions for 18 months on a topic, cycles on it in a row added up: no trial shows
more after two years than after one. The structure `growth` = continues has no such end; under plateau a team gains
nothing more, exchange visits included, after 36 months as an active team: checklist scores of seven programmes of PBF
rose modestly and then stayed at 60-70 % (Gergen et al. 2018). Both numbers of months are ours.
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Beta, Gamma, LogNormal, Parameter, Spike, Uniform

# Mean capability of supported teams in their first year: each factor is 1 for a typical one.
MASTERED = 0.475
MOTIVATION_EFFECT = 0.15
INPUTS_WIDTH = 30.0
MOST_EFFECT = 2.0
ENOUGH_SUPPORT = 0.5
SPILL_ON_STRUCTURE = 0.3
PLATEAU_MONTHS = 36
MONTHS_ON_A_TOPIC = 18


class Pdsa(NamedTuple):
    """Speed of improvement on a topic and beside it."""

    efficacy: Annotated[float, Parameter("what collaboratives can do, relative to what projects report", "ratio",
                                         0.0, 6.0, Spike(0.2, LogNormal(0.6, 1.0)), "assumption", "A")] = 0.6
    efficacy_sd: Annotated[float, Parameter("spread of efficacy between districts (of the logarithm)", "1", 0.0, 1.5,
                                            LogNormal(0.65, 0.3), "assumption", "A")] = 0.65
    k_item: Annotated[float, Parameter("share of the headroom of its topic that a team closes at efficacy 1", "1/month",
                                       0.02, 0.4, LogNormal(0.14, 0.35), "franco-2011", "W")] = 0.14
    spill: Annotated[float, Parameter("rate in other areas relative to the topic", "ratio", 0.0, 0.7,
                                      Spike(0.3, Beta(1.5, 8.0)), "assumption", "A")] = 0.11
    inputs: Annotated[float, Parameter("structural quality at which a team gets half its traction", "points",
                                       0.0, 60.0, Uniform(10.0, 40.0), "ethiopia-2023", "W")] = 25.0
    idea_rate: Annotated[float, Parameter("change ideas that a supported team tests", "ideas/month", 0.02, 1.0,
                                          Gamma(0.25, 6.0), "werdenberg-2018", "W")] = 0.25


@compiled
def traction(support, leadership, capability, motivation, structure_quality, pdsa):
    """How well a team can work: 1 on average, between 0 and 2."""
    skilled = 0.5 + 0.5 * capability / MASTERED
    motivated = math.exp(MOTIVATION_EFFECT * motivation)
    supplied = min(max((structure_quality - pdsa.inputs + 0.5 * INPUTS_WIDTH) / INPUTS_WIDTH, 0.0), 1.0)
    return min(max(support * leadership * skilled * motivated * supplied, 0.0), MOST_EFFECT)


@compiled
def district_part(z, pdsa):
    """Efficacy in a district relative to the nation's, mean 1."""
    return math.exp(pdsa.efficacy_sd * z - 0.5 * pdsa.efficacy_sd * pdsa.efficacy_sd)


@compiled
def closing_rate(rate, traction_now, interaction, efficacy, pdsa):
    """Share of the headroom of its topic that a team closes in a month, at most 1."""
    return min(pdsa.k_item * efficacy * rate * traction_now * interaction, 1.0)


@compiled
def ideas_tested(support, pdsa):
    """Change ideas that a team tests in a month."""
    return pdsa.idea_rate * min(support / ENOUGH_SUPPORT, 1.0)


@compiled
def spill_rate(closing, structural, pdsa):
    """Share of the headroom that a team closes in a month in an area that is not its topic."""
    return closing * pdsa.spill * (SPILL_ON_STRUCTURE if structural else 1.0)


@compiled
def gain(rate, headroom):
    """Points gained when the share `rate` of the headroom is closed."""
    return rate * headroom

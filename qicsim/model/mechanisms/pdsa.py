"""PDSA: a team tests changes on its topic, and its way of working spills over to other areas.

    k = k_item * rate_i * clip(s * L * g(c) * e(m) * E(Q_structure), 0, 2) * x
    on the topic:     change = k * h
    in other areas:   change = spill * k * h   (times 0.3 on structure)

    g(c) = 0.5 + 0.5 c / 0.475      e(m) = exp(0.15 m)      E = clip((Q_structure - inputs + 15) / 30, 0, 1)

s  support;  L  leadership;  c  capability;  m  motivation (SD);  h  headroom;  x  explicit interaction (`interaction`)
rate_i  personal rate times the drive left, 0 for teams that do not respond. The first effect comes after the team's
lag (`team`).

Each factor is 1 for a typical supported team in its first year, and k_item * (w_topic + spill * other weights) is about
0.03 a month, the composite rate of the evidence (Rowe et al. 2018: 12 points in a year). k_item from the times to 80 %
and 90 % of Franco and Marquez 2011 (0.13-0.17, self-reported: an upper bound). Without inputs a team gets no traction
(Ethiopia 2023). Change ideas tested a month: idea_rate * min(s / 0.5, 1) (0.25, Werdenberg et al. 2018).

Under the structure `growth` = plateau a team gains nothing more, by PDSA, spill-over, sessions or exchange visits,
after 36 months as an active team: checklist scores of seven programmes of PBF rose modestly and then stayed at 60-70 %
(Gergen et al. 2018). That teams reach a plateau too, and after three years, is ours.
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Beta, Gamma, LogNormal, Parameter, Uniform

# Mean capability of supported teams in their first year: each factor is 1 for a typical one.
MASTERED = 0.475
MOTIVATION_EFFECT = 0.15
INPUTS_WIDTH = 30.0
MOST_EFFECT = 2.0
ENOUGH_SUPPORT = 0.5
SPILL_ON_STRUCTURE = 0.3
PLATEAU_MONTHS = 36


class Pdsa(NamedTuple):
    """Speed of improvement on a topic and beside it."""

    k_item: Annotated[float, Parameter("share of the headroom of its topic that a team closes", "1/month",
                                       0.02, 0.4, LogNormal(0.14, 0.35), "franco-2011", "W")] = 0.14
    spill: Annotated[float, Parameter("rate in other areas relative to the topic", "ratio", 0.0, 0.7,
                                      Beta(3.0, 12.0), "assumption", "A")] = 0.2
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
def closing_rate(rate, traction_now, interaction, pdsa):
    """Share of the headroom of its topic that a team closes in a month, at most 1."""
    return min(pdsa.k_item * rate * traction_now * interaction, 1.0)


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

"""Turnover: trained staff leave, and capability leaves with them.

    p = 1 - (1 - annual)^(ratio / 12),  ratio = pbf_ratio while PBF pays, else 1
    c' = c - loss * (1 - cpd_shield * cpd) * (1 - preservice_shield * preservice) * (c - 0.1)

p  probability that a trained key member leaves in a month;  cpd, preservice  levers, 0-1
No rate of the country was found; 3-44 % a year across studies, voluntary 6.8 % over 49 countries (Lopes et al. 2017).
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Beta, LogNormal, Parameter

MONTHS = 12.0
UNTRAINED = 0.1


class Turnover(NamedTuple):
    """How often trained staff leave and what is lost."""

    annual: Annotated[float, Parameter("probability that a trained key member leaves", "1/year", 0.01, 0.6,
                                       Beta(3.0, 24.0), "lopes-2017", "W")] = 0.10
    loss: Annotated[float, Parameter("share of capability that is lost with a trained key member", "share", 0.05, 1.0,
                                     Beta(5.0, 5.0), "ethiopia-2023", "W")] = 0.5
    pbf_ratio: Annotated[float, Parameter("turnover under PBF relative to none", "ratio", 0.5, 1.1,
                                          LogNormal(0.9, 0.08), "shen-2017", "W")] = 0.9
    cpd_shield: Annotated[float, Parameter("share of the loss that CPD for all would prevent", "share", 0.0, 1.0,
                                           Beta(2.0, 6.0), "assumption", "A")] = 0.25
    preservice_shield: Annotated[float, Parameter("share of the loss that pre-service training of all would prevent",
                                                  "share", 0.0, 1.0, Beta(2.0, 4.0), "assumption", "A")] = 0.33


@compiled
def leaving_probability(annual, ratio):
    """Monthly probability from an annual one; `ratio` multiplies the hazard."""
    return -math.expm1(math.log1p(-annual) * ratio / MONTHS)


@compiled
def capability_after_turnover(capability, cpd, preservice, turnover):
    """Capability after a trained key member has left."""
    softened = (1.0 - turnover.cpd_shield * cpd) * (1.0 - turnover.preservice_shield * preservice)
    return capability - turnover.loss * softened * max(capability - UNTRAINED, 0.0)

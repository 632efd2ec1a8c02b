"""Costs: ingredients times quantities, by payer.

    cost of a line = unit cost * scale * quantity;   donor pays the donor's share (lever), government the rest

Lines of the collaboratives: coach posts, coach visits, coach training, mentoring, training on joining, staff time of
teams, sessions, exchange visits, district overhead, programme staff, technical assistance, tablets, accreditation,
education (CPD, pre-service, institutions). Lines of PBF: payments, assessment, verification. Unit costs are data
(`unit_costs.csv`, US$); the scales carry their uncertainty. No cost of a collaborative here was found:
about US$1,500 an active team and year, between 1,330 (mentoring in Rwanda, Manzi et al. 2018) and 5,600 (an all-in
donor project, an upper bound), with 560 to 4,000 as the 90 % interval of the scale.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import LogNormal, Parameter

CENT = 0.01


class Costs(NamedTuple):
    """Uncertainty of unit costs."""

    collaborative: Annotated[float, Parameter("true unit costs of collaboratives relative to the data", "ratio",
                                              0.2, 5.0, LogNormal(1.0, 0.6), "manzi-2018", "W")] = 1.0
    assessment: Annotated[float, Parameter("true unit costs of assessment and verification relative to the data",
                                           "ratio", 0.3, 5.0, LogNormal(1.0, 0.4), "solon-2009", "W")] = 1.0


@compiled
def donor_part(amount, donor_share):
    """US$ of an amount that donors pay."""
    return amount * donor_share


@compiled
def affordable_share(ceiling, months_of_year, spent_this_year, planned):
    """Share of a month's plan that the year's ceiling leaves, when `months_of_year` twelfths of it are released.

    Less than a cent is nothing: where all is spent, rounding must not buy a team its last visit.
    """
    if planned <= 0.0:
        return 1.0
    left = ceiling * months_of_year / 12.0 - spent_this_year
    return min(1.0, left / planned) if left >= CENT else 0.0

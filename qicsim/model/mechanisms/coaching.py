"""Coaching: visits are shared out within a hard capacity, and recent visits support a team.

    v = min(target, coaches * visits_per_coach * available / active teams)
    s = skill * (1 + mentoring_gain * mentoring) * (1 - exp(-v / v0)) / (1 - exp(-v_ref / v0))

v       coaching visits per team and month; graduated teams share what active teams leave
s       support, 1 at the reference dose v_ref = 0.75 visits a month (0.76 in Rwanda, Werdenberg et al. 2018)
target  visits wanted (lever); coaches, mentoring: levers; available: see `shock`

Recent visits count, cumulative ones do not (Barnhart et al. 2020); returns diminish (Ethiopia 2020). Coaches who are
themselves coached do better (Rowe SY et al. 2022, p < 0.10, shrunk here).
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Gamma, HalfNormal, LogNormal, Parameter

REFERENCE_VISITS = 0.75


class Coaching(NamedTuple):
    """Capacity and effect of coaches."""

    visits_per_coach: Annotated[float, Parameter("visits that a part-time district coach can make", "visits/month",
                                                 1.0, 10.0, Gamma(4.0, 8.0), "assumption", "A")] = 4.0
    v0: Annotated[float, Parameter("visits at which the response has closed 63 % of its range", "visits/month",
                                   0.15, 2.5, LogNormal(0.5, 0.5), "barnhart-2020", "W")] = 0.5
    skill: Annotated[float, Parameter("skill of a coach relative to the trials' coaches", "ratio", 0.4, 1.4,
                                      LogNormal(0.95, 0.15), "assumption", "A")] = 0.95
    mentoring_gain: Annotated[float, Parameter("added effect of coaches who are themselves coached", "ratio",
                                               0.0, 0.6, HalfNormal(0.2), "rowe-sy-2022", "W")] = 0.15


@compiled
def coach_capacity(coaches, available, coaching):
    """Visits that the coaches of a district can make in a month."""
    return coaches * coaching.visits_per_coach * available


@compiled
def visits_each(capacity, teams, target):
    """Visits per team and month when `capacity` visits are shared among `teams`."""
    if teams <= 0:
        return 0.0
    return min(target, capacity / teams)


@compiled
def support_of(visits, mentoring, coaching):
    """Support that a team gets from its visits, 1 at the reference dose."""
    reached = -math.expm1(-visits / coaching.v0)
    reference = -math.expm1(-REFERENCE_VISITS / coaching.v0)
    return coaching.skill * (1.0 + coaching.mentoring_gain * mentoring) * reached / reference


@compiled
def coaches_after_training(coaches, wanted, share_trained, monthly_loss):
    """Coaches of a district after a month: some leave, and a share of those missing is trained."""
    kept = coaches - monthly_loss * coaches
    return kept + share_trained * max(wanted - kept, 0.0)

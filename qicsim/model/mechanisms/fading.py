"""Fading: part of what a team gained is locked in, the rest is fragile and fades without support.

    fragile part of a gain = 1 - theta',   theta' = theta + policy_lock * institutionalised * (1 - theta)
    F' = F - (1 - 2^(-1/hl)) * 2^(-s / keep) * F                and Q falls by the same points

    s = max(support from visits, policy_keep * institutionalised)     for teams that ever joined

F  fragile gain in an area (part of Q);  hl  half-life in months;  s  support;  keep  support that halves the loss
What trials found left a year after their end lies between all but nothing and two thirds, so that the prior of theta
is wide. 39 % of projects fully sustained (Ament et al. 2015), 32-60 % in the VA (Glasgow et al. 2012); adherence fell
from 31 to 18 points above comparison between month 2 and 12 in BetterBirth (Semrau et al. 2017).
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Beta, LogNormal, Parameter


class Fading(NamedTuple):
    """What stays of a gain."""

    theta: Annotated[float, Parameter("share of a gain that is locked in at once", "share", 0.0, 1.0,
                                      Beta(1.5, 2.0), "ament-2015", "Mod")] = 0.43
    half_life: Annotated[float, Parameter("half-life of fragile gains without support", "months", 1.0, 24.0,
                                          LogNormal(4.5, 0.5), "semrau-2017", "Mod")] = 4.5
    keep: Annotated[float, Parameter("support at which half of the fading is prevented", "ratio", 0.02, 2.0,
                                     LogNormal(0.2, 0.5), "assumption", "A")] = 0.2
    policy_lock: Annotated[float, Parameter("share of fragile gains that national policy locks in", "share", 0.0, 1.0,
                                            Beta(2.0, 4.0), "assumption", "A")] = 0.33
    policy_keep: Annotated[float, Parameter("support that national policy keeps up without visits", "ratio", 0.0, 1.0,
                                            Beta(2.0, 4.0), "assumption", "A")] = 0.33


@compiled
def fragile_share(institutionalised, fading):
    """Share of a gain that is fragile."""
    locked = fading.theta + fading.policy_lock * institutionalised * (1.0 - fading.theta)
    return 1.0 - locked


@compiled
def monthly_loss(fading):
    """Share of fragile gains that fades in a month without support."""
    return 1.0 - 2.0 ** (-1.0 / fading.half_life)


@compiled
def support_kept(support, institutionalised, fading):
    """Support of a team that ever joined, held up by national policy."""
    return max(support, fading.policy_keep * institutionalised)


@compiled
def share_faded(support, loss, fading):
    """Share of fragile gains that fades in a month with support; `loss` is `monthly_loss`."""
    return loss * 2.0 ** (-support / fading.keep)

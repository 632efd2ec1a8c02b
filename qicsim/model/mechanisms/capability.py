"""Capability: how well a team masters the methods of quality improvement, 0-1.

    joining:     c' = c + train_gain * (1 - c)
    each month:  c' = c + learn * s * (1 - c)

c  capability, 0.1 before any training;  s  support from coaching
Skill gains tend to stay with persons (Ethiopia 2023): see `turnover` for how they are lost.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Beta, Gamma, Parameter

UNTRAINED = 0.1


class Capability(NamedTuple):
    """What training and coaching add to capability."""

    train_gain: Annotated[float, Parameter("share of missing capability that training on joining gives", "share",
                                           0.05, 0.7, Beta(6.0, 14.0), "rowe-2021", "W")] = 0.3
    learn: Annotated[float, Parameter("share of missing capability that a month at full support gives", "1/month",
                                      0.005, 0.1, Gamma(0.03, 6.0), "assumption", "A")] = 0.03


@compiled
def capability_after_training(capability, capability_parameters):
    """Capability after the training that a team gets on joining."""
    return capability + capability_parameters.train_gain * (1.0 - capability)


@compiled
def capability_after_coaching(capability, support, capability_parameters):
    """Capability after a month of coaching."""
    return capability + min(capability_parameters.learn * support, 1.0) * (1.0 - capability)

"""Explicit interaction: whether PBF speeds up or slows down improvement work, beyond the ceiling that both share.

    factor on the PDSA rate = exp(synergy * (stake_eff - 1))

No study estimates it: the prior is centred on 0. Under the linear reference schedule the factor is 1.
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Normal, Parameter


class Interaction(NamedTuple):
    """Interaction of PBF and collaboratives."""

    synergy: Annotated[float, Parameter("effect of the stake on the rate of improvement work", "1", -0.6, 0.6,
                                        Normal(0.0, 0.15), "assumption", "A")] = 0.0


@compiled
def interaction_factor(stake_effect, interaction):
    """Factor on the PDSA rate."""
    return math.exp(interaction.synergy * (stake_effect - 1.0))

"""Hospital accreditation: hospitals that prepare for it give attention to the areas that its standards cover.

    change = attention * accreditation * standards_a * gap(Q)        hospitals only

accreditation  lever, share of hospitals preparing;  standards_a  share of the area that the standards cover
It also tilts hospitals' choice of topics (`topic`). The effect is set like that of being measured (`pbf`).
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Gamma, Parameter


class Accreditation(NamedTuple):
    """Effect of preparing for accreditation."""

    attention: Annotated[float, Parameter("effect of preparing for accreditation, at mid gap", "points/month",
                                          0.0, 0.6, Gamma(0.15, 2.0), "assumption", "A")] = 0.15


@compiled
def accreditation_gain(preparing, standards, gap, accreditation):
    """Points that preparing for accreditation adds in a month."""
    return accreditation.attention * preparing * standards * gap

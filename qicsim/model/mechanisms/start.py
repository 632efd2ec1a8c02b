"""The start: true quality of every facility and area in the first month.

    M = m_a + q0 + x_hospital * shift          mean of the area for this kind of facility
    Q = clip(M + shrink(M) * (q0_sd * z_i + area_sd * z_ia), 0, C_a)
    shrink(M) = min(1, min(M, 100 - M) / 40 + 0.1)

z_i, z_ia  standard normal numbers of the facility, and of the facility and area
m_a        area means, data: such that teams starting a topic sit where Table 2 of Perry et al. 2022 found them

No distribution of NQEM scores is published, so level and spread are wide.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Gamma, Normal, Parameter

FULL = 100.0
SHRINK_WIDTH = 40.0
SHRINK_FLOOR = 0.1


class Start(NamedTuple):
    """Level and spread of true quality at the start."""

    q0: Annotated[float, Parameter("common shift of the areas' starting means", "points", -20.0, 20.0,
                                   Normal(0.0, 6.0), "bauhoff-2022", "A")] = 0.0
    q0_sd: Annotated[float, Parameter("spread between facilities, all areas alike", "points", 4.0, 25.0,
                                      Gamma(11.0, 16.0), "bauhoff-2022", "A")] = 11.0
    area_sd: Annotated[float, Parameter("spread between the areas of one facility", "points", 2.0, 25.0,
                                        Gamma(9.0, 9.0), "assumption", "A")] = 9.0
    hospital_shift: Annotated[float, Parameter("hospitals minus health centres", "points", -10.0, 20.0,
                                               Normal(5.0, 4.0), "assumption", "A")] = 5.0


@compiled
def starting_mean(area_start, hospital, start):
    """Mean of the area for this kind of facility, points."""
    return min(max(area_start + start.q0 + hospital * start.hospital_shift, 1.0), FULL - 1.0)


@compiled
def starting_quality(mean, ceiling, start, z_facility, z_area):
    """True quality of an area at the start, points."""
    shrink = min(1.0, min(mean, FULL - mean) / SHRINK_WIDTH + SHRINK_FLOOR)
    return min(max(mean + shrink * (start.q0_sd * z_facility + start.area_sd * z_area), 0.0), ceiling)

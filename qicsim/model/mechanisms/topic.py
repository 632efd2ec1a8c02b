"""Topic choice: which care area a team works on in the next cycle.

    utility_a = log(preference_a) + log(max(h_a, floor)) + stakes_tilt * stake_eff * scored_a
                + tablets_tilt * tablets * client_a + accreditation_tilt * accreditation * standards_a + G_a

The area with the largest utility is chosen; G_a = -log(-log u) is Gumbel noise, so that without tilts an area is
chosen in proportion to preference times headroom. `floor` keeps areas near their ceiling eligible: general waste
began at 98 %, yet 114 health centres chose it (Perry et al. 2022, Table 2).

Who may choose what is a lever: the team every area; under a programme's rule (topics of the wave, or scored areas only)
no area with less than NEAR_CEILING points of headroom, unless that leaves none: then the one with the most headroom.

preference_a  data, from Table 2's counts by facility type;  scored_a, client_a  0 or 1;  standards_a  0-1
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Gamma, HalfNormal, Parameter

NEAR_CEILING = 5.0
"""Points of headroom below which a programme does not set an area as a topic: about one SD of an assessment."""


class Topic(NamedTuple):
    """What tilts the choice of a topic."""

    floor: Annotated[float, Parameter("least headroom that counts in the choice", "points", 0.05, 3.0,
                                      Gamma(0.4, 6.0), "perry-2022", "D")] = 0.4
    stakes_tilt: Annotated[float, Parameter("pull of PBF's stakes towards scored areas", "1", 0.0, 2.0,
                                            HalfNormal(0.3), "assumption", "A")] = 0.2
    tablets_tilt: Annotated[float, Parameter("pull of client feedback towards client experience", "1", 0.0, 4.0,
                                             Gamma(1.0, 3.0), "assumption", "A")] = 1.0
    accreditation_tilt: Annotated[float, Parameter("pull of accreditation towards its standards", "1", 0.0, 4.0,
                                                   Gamma(1.0, 3.0), "assumption", "A")] = 1.0


@compiled
def topic_utility(preference, headroom, tilt, u, topic):
    """Utility of an area as the next topic; minus infinity where nobody would choose it."""
    if preference <= 0.0:
        return -math.inf
    return math.log(preference) + math.log(max(headroom, topic.floor)) + tilt - math.log(-math.log(u))


@compiled
def topic_tilt(stake_effect, scored, tablets, client, accreditation, standards, topic):
    """What PBF, client feedback and accreditation add to the utility of an area."""
    return (topic.stakes_tilt * stake_effect * scored + topic.tablets_tilt * tablets * client
            + topic.accreditation_tilt * accreditation * standards)

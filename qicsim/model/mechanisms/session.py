"""Learning session: teams of a district compare themselves with their better quartile, on their topics.

    change = lambda_ls * attendance * reach(benchmark, Q)

benchmark   mean of the better quartile of the district's active teams in the area, posted when the month opens
attendance  share of teams that take part, less under a shock unless the session is virtual

Peer-to-peer training gave 4.0 points (Rowe et al. 2021); no causal size for sessions exists: half-normal prior.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Beta, HalfNormal, Parameter


class Session(NamedTuple):
    """Effect of learning sessions."""

    lambda_ls: Annotated[float, Parameter("share of the reachable gap that a session closes", "1/session", 0.0, 0.15,
                                          HalfNormal(0.025), "rowe-2021", "A")] = 0.02
    attendance: Annotated[float, Parameter("share of invited teams that take part", "share", 0.3, 1.0,
                                           Beta(16.0, 4.0), "assumption", "A")] = 0.8


@compiled
def session_attendance(available, session):
    """Share of teams that take part in a session."""
    return session.attendance * available


@compiled
def session_gain(reach, attendance, session):
    """Points that a session adds on the topic."""
    return session.lambda_ls * attendance * reach

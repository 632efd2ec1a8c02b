"""Informal peers: facilities pick up practice from those they are tied to, with or without a programme.

    simple:     change = lambda_net * max(0, mean of peers - Q)                               each quarter
    threshold:  the same, but only where at least the share `thr` of the peers is better       (complex contagion)

The two forms are structural alternatives. Ties stay mostly within the primary care unit (Ethiopia 2020) and no causal
network effect on facilities was found: half-normal prior, and the form without it is always a scenario.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import HalfNormal, Parameter, Uniform


class Peers(NamedTuple):
    """Spread of practice outside programmes."""

    lambda_net: Annotated[float, Parameter("share of the gap to peers that is closed", "1/quarter", 0.0, 0.05,
                                           HalfNormal(0.005), "assumption", "A")] = 0.004
    thr: Annotated[float, Parameter("share of better peers that it takes, in the threshold form", "share", 0.05, 0.9,
                                    Uniform(0.1, 0.5), "assumption", "A")] = 0.25


@compiled
def peer_gain(peers_mean, quality, peers):
    """Points picked up from peers under simple contagion."""
    return peers.lambda_net * max(peers_mean - quality, 0.0)


@compiled
def peer_gain_threshold(peers_mean, share_better, quality, peers):
    """Points picked up from peers under threshold contagion."""
    return peer_gain(peers_mean, quality, peers) if share_better >= peers.thr else 0.0

"""Exchange visit: a team visits another and brings home what the host does better.

    change in each of the next two months = lambda_ex * reach(Q_host, Q_visitor) / 2
    host's motivation + recognition

The area is the one in which the host is furthest ahead of the visitor. Who visits whom is a lever (largest gap in the
last recorded score, random, similar). Visitors adopted ideas one to two months after a visit (Perry et al. 2022: 13
visits in about 30 months); no size is known: half-normal prior.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import HalfNormal, Parameter

ADOPTION_MONTHS = 2


class Exchange(NamedTuple):
    """Effect of exchange visits."""

    lambda_ex: Annotated[float, Parameter("share of the reachable gap that a visit closes", "1/visit", 0.0, 0.5,
                                          HalfNormal(0.12), "perry-2022", "A")] = 0.10
    recognition: Annotated[float, Parameter("motivation that a host gains", "SD", 0.0, 1.0,
                                            HalfNormal(0.2), "zamboni-2020", "A")] = 0.15


@compiled
def exchange_gain(reach, exchange):
    """Points that a visit adds in each of the months of adoption."""
    return exchange.lambda_ex * reach / ADOPTION_MONTHS

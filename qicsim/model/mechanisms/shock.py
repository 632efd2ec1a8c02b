"""COVID shock: what the pandemic leaves of work that needs people to meet.

    available = 1 - shock * (1 - virtual)

shock    index by quarter, 0-1 (data: cases, curfews and lockdowns)
virtual  share of coaching and sessions held at a distance, a lever

Launches and clients' use of services fall too (see `rollout`, `clients`). No effect on quality itself was found in any
source, so none is modelled.
"""

from __future__ import annotations

from qicsim.ground.compiled import compiled


@compiled
def available_share(shock, virtual):
    """Share of planned visits and attendance that can take place."""
    return 1.0 - shock * (1.0 - virtual)

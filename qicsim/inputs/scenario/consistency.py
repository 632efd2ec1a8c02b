"""Combinations of levers that are each allowed and together make no sense."""

from __future__ import annotations

import numpy as np

from qicsim.ground.errors import Faults
from qicsim.model.levers import Levers


def check_sense(faults: Faults, levers: Levers) -> None:
    """Recruiting that can never recruit anybody; levers are arrays (months,) over the scenario's own horizon."""
    recruiting = np.asarray(levers.recruiting) == 1
    if not recruiting.any():
        return
    for name in ("provinces", "districts"):
        if not getattr(levers, name)[recruiting].any():
            faults.add("[levers] recruiting", f"teams are to join, but {name} is 0 whenever recruiting is on",
                       hint=f"Say how many {name} may be active")

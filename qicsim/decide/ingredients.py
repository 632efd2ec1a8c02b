"""Uncertain unit costs, as factors on the lines of spending.

    factor = (high / usd)^(z / 1.645) for z > 0, (usd / low)^(z / 1.645) for z < 0,       z standard normal

The value used is the median, and low and high are the 5 % and 95 % points: a lognormal in two pieces, as ranges stretch
further up than down. Its mean is not 1, so that mean costs move a little when unit costs become uncertain. Factors
belong to draws and are shared by scenarios. Quantities are taken as they are: a scenario held by a budget in the
simulation would buy less when things are dearer, which factors do not know.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qicsim.decide.checks import Checks

NINETY_FIVE = 1.6448536269514722


def cost_factors(usd: Any, low: Any, high: Any, draws: int, *, seed: int | tuple[int, ...] = 1) -> np.ndarray:
    """Factors float64 (draws, lines) from the value used and its range, (lines,) each; 1 where the range is a point.

    Raises SettingError, with every fault, for shapes that differ, numbers that are not above 0, a value outside its own
    range, or fewer than one draw.
    """
    faults = Checks()
    middle, least, most = (faults.numbers(place, values, ("line",))
                           for place, values in (("usd", usd), ("low", low), ("high", high)))
    faults.alike("low", least, "usd", middle)
    faults.alike("high", most, "usd", middle)
    faults.between("draws", draws, 1, 2**20)
    faults.refuse()
    if not ((least > 0.0) & (least <= middle) & (middle <= most)).all():
        faults.add("usd", "a unit cost is outside its own range, or its range begins at 0", "0 < low <= usd <= high")
    faults.refuse()
    luck = np.random.default_rng(seed).standard_normal((draws, len(middle)))
    step = np.where(luck > 0.0, np.log(most / middle), np.log(middle / least))
    return np.exp(luck / NINETY_FIVE * step)

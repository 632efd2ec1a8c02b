"""The cost-effectiveness plane: increments of each scenario over a reference, draw by draw, and where they lie.

Black 1990, "The CE plane", Med Decis Making 10:212-4. The ratio is that of the means, never the mean of ratios.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from qicsim.decide.checks import Checks
from qicsim.decide.outcomes import outcomes
from qicsim.ground.intervals import DRAWS, Intervals, interval_of

QUADRANTS = ("costs more, brings more", "costs more, brings no more", "costs no more, brings no more",
             "costs no more, brings more")


@dataclass(frozen=True, eq=False)
class Plane:
    """Increments over the reference.

    extra_costs, extra_effects   float64 (scenarios, draws); zeros for the reference
    quadrants                    share of draws in each of QUADRANTS, float64 (scenarios, 4)
    ratio                        mean extra cost over mean extra effect, (scenarios,); NaN where the latter is 0
    """

    names: tuple[str, ...]
    reference: str
    extra_costs: np.ndarray
    extra_effects: np.ndarray
    quadrants: np.ndarray
    ratio: np.ndarray

    @cached_property
    def cost(self) -> Intervals:
        """Intervals between draws of extra costs, (scenarios,)."""
        return interval_of(self.extra_costs, axis=1, kind=DRAWS)

    @cached_property
    def effect(self) -> Intervals:
        """Intervals between draws of extra effects, (scenarios,)."""
        return interval_of(self.extra_effects, axis=1, kind=DRAWS)


def plane(costs: Any, effects: Any, names: Sequence[str], reference: str) -> Plane:
    """The plane of arrays (scenarios, draws), paired by draw.

    Raises SettingError as `outcomes` does, and for a reference that is not among the names.
    """
    checked = outcomes(costs, effects, names)
    faults = Checks()
    faults.known("reference", [reference], checked.names)
    faults.refuse()
    place = checked.names.index(reference)
    cost, effect = (values - values[place] for values in (checked.costs, checked.effects))
    dear, good = cost > 0.0, effect > 0.0
    shares = np.stack([(there).mean(axis=1) for there in (dear & good, dear & ~good, ~dear & ~good, ~dear & good)], 1)
    mean = effect.mean(axis=1)
    ratio = np.divide(cost.mean(axis=1), mean, out=np.full(len(mean), np.nan), where=mean != 0.0)
    return Plane(checked.names, reference, cost, effect, shares, ratio)

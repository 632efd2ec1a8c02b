"""Costs and effects of several scenarios, checked once, and their net benefit.

    NB = k E - C        k: willingness to pay for a unit of effect, US$

Stinnett and Mullahy 1998, Med Decis Making 18:S68-80.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.decide.checks import Checks, promoted
from qicsim.ground.translatable import tell

ONE_SCENARIO = tell("There is one scenario only, so there is nothing to choose.")


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Costs (US$) and effects (any unit, more is better), float64 (scenarios, draws) each; draws are paired."""

    names: tuple[str, ...]
    costs: np.ndarray
    effects: np.ndarray

    def net_benefit(self, worth: float) -> np.ndarray:
        """Net benefit at a willingness to pay, US$; float64 (scenarios, draws)."""
        return worth * self.effects - self.costs


def outcomes(costs: Any, effects: Any, names: Sequence[str]) -> Outcomes:
    """Checked outcomes from arrays (scenarios, draws), or (scenarios,) for means alone.

    SettingError, with every fault, for an empty set, different shapes, names that do not fit, negative costs (give the
    cost of each scenario, not differences), and values that are not finite (named by scenario and draw).
    """
    faults = Checks()
    labels = {"scenario": [str(name) for name in names]}
    cost, effect = (faults.numbers(place, promoted(values, 2, 1), ("scenario", "draw"), labels)
                    for place, values in (("costs", costs), ("effects", effects)))
    faults.alike("effects", effect, "costs", cost)
    faults.not_negative("costs", cost, "Give the cost of each scenario, not its difference from another.")
    known = faults.names("names", names, len(cost), "scenarios")
    faults.refuse()
    return Outcomes(known, cost, effect)

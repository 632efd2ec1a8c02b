"""What plans gained and cost in each draw, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True, eq=False)
class Measured:
    """What plans do, float64 (plans, draws, years) from the first year of plans on, unless said.

    goal     the indicator of the goal, as it is
    gained   the same, more than the reference in the same draw
    money    US$ that count by year: of what is counted, what the payers who count pay
    spent    US$ of what is counted, whoever pays, (plans, draws, years, payers)
    whole    US$ of all lines, more than the reference: what it costs altogether, whatever counts
    reached  whether the target is met, by the indicator less the target's value, (plans, draws); 0 without a target
    gap, coach_load, affordable, districts, coaches   as recorded at the end of each year
    """

    goal: np.ndarray
    gained: np.ndarray
    money: np.ndarray
    spent: np.ndarray
    whole: np.ndarray
    reached: np.ndarray
    gap: np.ndarray
    coach_load: np.ndarray
    affordable: np.ndarray
    districts: np.ndarray
    coaches: np.ndarray

    def __len__(self) -> int:
        """How many plans there are."""
        return len(self.goal)

    def some(self, plans: Sequence[int] | np.ndarray) -> Measured:
        """Some of the plans."""
        return Measured(*(getattr(self, one.name)[np.asarray(plans, dtype=np.int64)] for one in fields(self)))

    def with_more(self, other: Measured) -> Measured:
        """These plans, then others on the same draws."""
        return Measured(*(np.concatenate([getattr(self, one.name), getattr(other, one.name)]) for one in fields(self)))

    @property
    def gain(self) -> np.ndarray:
        """The mean gain over the years, (plans, draws)."""
        return np.asarray(self.gained.mean(axis=2))

    @property
    def dearest(self) -> np.ndarray:
        """US$ that count in the dearest year, (plans, draws)."""
        return np.asarray(self.money.max(axis=2))

    def needed(self, risk: float) -> np.ndarray:
        """US$ a year that a plan keeps within, but for a share of draws of at most `risk`, (plans,)."""
        return np.quantile(self.dearest, 1.0 - risk, axis=1, method="higher")

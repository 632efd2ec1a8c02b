"""How sure a choice is, over what a unit of effect may be worth: acceptability curves and frontier, expected loss.

    probability_i(k) = share of draws in which scenario i has the highest net benefit; ties are shared
    loss_i(k)        = mean over draws of (max_j NB_j - NB_i)

The scenario with the least expected loss is the one with the highest expected net benefit, and its loss is the expected
value of perfect information; the acceptability frontier is the probability of that scenario, which need not be the
most probable one. Fenwick, Claxton and Sculpher 2001, Health Econ 10:779-87; Alarid-Escudero et al. 2019, Value in
Health 22:611-8 (expected loss curves).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qicsim.decide.checks import Checks
from qicsim.decide.outcomes import outcomes


@dataclass(frozen=True, eq=False)
class Acceptability:
    """Curves over `worth` (US$ for a unit of effect), float64.

    probability  (worths, scenarios): acceptability curves, each row sums to 1
    loss         (worths, scenarios): expected loss, US$
    best         (worths,): position of the scenario with the highest expected net benefit
    frontier     (worths,): its probability
    evpi         (worths,): its expected loss, which is the expected value of perfect information
    """

    names: tuple[str, ...]
    worth: np.ndarray
    probability: np.ndarray
    loss: np.ndarray
    best: np.ndarray

    @property
    def frontier(self) -> np.ndarray:
        """The acceptability frontier."""
        return self.probability[np.arange(len(self.worth)), self.best]

    @property
    def evpi(self) -> np.ndarray:
        """The lower envelope of the expected loss curves."""
        return self.loss.min(axis=1)

    @property
    def switches(self) -> tuple[tuple[float, str], ...]:
        """The best scenario at the lowest worth, and at each worth of the grid from which another one is best."""
        new = np.flatnonzero(np.diff(self.best, prepend=-1))
        return tuple((float(self.worth[place]), self.names[self.best[place]]) for place in new)


def acceptability(costs: Any, effects: Any, names: Sequence[str], worth: Any) -> Acceptability:
    """Curves of arrays (scenarios, draws) over a grid of willingness to pay, (worths,).

    Raises SettingError as `outcomes` does, and for a grid that is empty, negative or not finite.
    """
    checked = outcomes(costs, effects, names)
    faults = Checks()
    grid = faults.numbers("worth", np.atleast_1d(worth), ("value",))
    faults.not_negative("worth", grid)
    faults.refuse()
    probability, loss = np.empty((2, len(grid), len(checked.names)))
    best = np.empty(len(grid), dtype=np.int64)
    for place, value in enumerate(grid):
        benefit = checked.net_benefit(float(value))
        top = benefit.max(axis=0)
        winners = benefit == top
        probability[place] = (winners / winners.sum(axis=0)).mean(axis=1)
        loss[place] = (top - benefit).mean(axis=1)
        best[place] = np.argmax(benefit.mean(axis=1))
    return Acceptability(checked.names, grid, probability, loss, best)

"""Drivers: the uncertain parameters that an outcome moves with, by one statistic and one limit of chance.

The statistic is Spearman's rank correlation over draws, replicates averaged: it needs no shape of the relation, no
outlier decides it, and it serves outcomes on any scale, shares of runs that meet a target among them. It sees what
rises or falls throughout; a parameter that matters only in the middle of its range, or only together with another, it
does not see: mean outcomes in the lowest and the highest third of draws stand beside it, and `qicsim sensitivity`
splits variances.

Among many parameters the largest correlation is large by chance alone. The limit is what that largest one exceeds in
one of twenty shuffles of the draws (Westfall and Young 1993, "Resampling-based multiple testing", by the maximum): of
twenty outcomes that nothing moves, one names a driver. Shuffling keeps the correlations between parameters and the
ties of the outcome, which formulas for one correlation (Bonferroni, Sidak, Student's t) do not know. The family is
that of one outcome, since the papers of one set of runs ask for different numbers of outcomes, and the same outcome
has the same drivers on all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from qicsim.inputs.scenario import Scenario
from qicsim.model.levers import NO_CEILING
from qicsim.runs.draws import Draws
from qicsim.runs.draws import names as parameter_names

FEWEST_DRAWS = 20
"""With fewer draws only a correlation near 1 would be more than chance: nothing is named."""
BY_CHANCE = 0.05
SHUFFLES, BATCH, SEED = 1999, 500, 20261
THIRDS = 3
ROUNDING = 1e-9
COSTS = "costs."


@dataclass(frozen=True, eq=False)
class Outcome:
    """Something that runs end in, by draw, and what can move it.

    by_draw    (draws,) replicates averaged
    scenarios  the scenarios whose runs it was read from: one, or two for a difference
    money      whether it is an amount of money, which unit costs move whatever the scenario
    """

    by_draw: np.ndarray
    scenarios: tuple[Scenario, ...]
    money: bool = False


@dataclass(frozen=True)
class Driver:
    """A parameter beside an outcome: its rank correlation, and mean outcomes at its two ends.

    lowest, highest  mean outcome in the third of draws in which the parameter is lowest, and highest
    """

    parameter: str
    correlation: float
    lowest: float
    highest: float


@dataclass(frozen=True, eq=False)
class Drivers:
    """The parameters beside an outcome by falling size of their correlation; empty where the outcome does not vary.

    limit    larger correlations, up or down, are more than chance; 1, which nothing exceeds, where draws are too few
    draws    how many draws there are
    tested   how many parameters vary, among which the limit is that of the largest
    """

    ranked: tuple[Driver, ...]
    limit: float
    draws: int
    tested: int

    @property
    def named(self) -> tuple[Driver, ...]:
        """The drivers: parameters whose correlation is more than chance."""
        return tuple(driver for driver in self.ranked if self.exceeds(driver.correlation))

    def exceeds(self, correlation: float) -> bool:
        """Whether a correlation is more than chance."""
        return abs(correlation) > self.limit * (1.0 + ROUNDING)

    def of(self, parameter: str) -> Driver | None:
        """One parameter, whatever its correlation; None where it or the outcome does not vary."""
        return next((driver for driver in self.ranked if driver.parameter == parameter), None)


def drivers_of(outcome: Outcome, draws: Draws) -> Drivers:
    """The drivers of an outcome among the parameters that can move it."""
    return drivers(outcome.by_draw, *movers(draws, outcome.scenarios, money=outcome.money))


def movers(draws: Draws, scenarios: Iterable[Scenario], *, money: bool = False) -> tuple[np.ndarray, tuple[str, ...]]:
    """The parameters that can move an outcome of scenarios: values (draws, parameters), and names.

    A parameter that every one of the scenarios fixes moves nothing. Unit costs move money, and other outcomes only
    where a ceiling of money can bind in one of the scenarios.
    """
    some = tuple(scenarios)
    costs = money or any(float(np.min(one.levers.budget)) < NO_CEILING for one in some)
    kept = [number for number, name in enumerate(parameter_names())
            if (costs or not name.startswith(COSTS)) and not all(name in one.parameters for one in some)]
    return draws.values[:, kept], tuple(parameter_names()[number] for number in kept)


def drivers(outcome: np.ndarray, values: np.ndarray, names: Sequence[str]) -> Drivers:
    """The drivers of an outcome (draws,) among parameters (draws, parameters), which are named.

    The result is the same for the same draws: the shuffles are fixed.
    """
    correlation = rank_correlations(values, outcome)
    tested = np.flatnonzero(np.isfinite(correlation))
    limit = chance_limit(values[:, tested], outcome)
    order = sorted(tested.tolist(), key=lambda column: (-abs(correlation[column]), names[column]))
    ranked = tuple(Driver(names[column], float(correlation[column]), *_thirds(values[:, column], outcome))
                   for column in order)
    return Drivers(ranked, limit, len(outcome), int(np.count_nonzero(np.ptp(values, axis=0) > 0.0)))


def rank_correlations(values: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of each column of (draws, columns) with (draws,); NaN where one does not vary."""
    columns, own = _ranks(values), _ranks(outcome[:, None])[:, 0]
    varies = columns.any(axis=0) & own.any()
    return np.where(varies, own @ columns, np.nan)


def chance_limit(values: np.ndarray, outcome: np.ndarray) -> float:
    """The largest rank correlation, up or down, that one of twenty shuffles of the draws exceeds.

    It depends on the outcome only through ties: outcomes without ties have one limit. It is 1 with fewer than
    `FEWEST_DRAWS` draws, and where nothing varies.
    """
    columns, own = _ranks(values), _ranks(np.sort(outcome)[:, None])[:, 0]
    if len(outcome) < FEWEST_DRAWS or not (own.any() and columns.any()):
        return 1.0
    rng = np.random.default_rng(SEED)
    largest = np.empty(SHUFFLES)
    for first in range(0, SHUFFLES, BATCH):
        many = min(BATCH, SHUFFLES - first)
        shuffled = rng.permuted(np.tile(own, (many, 1)), axis=1)
        largest[first:first + many] = np.abs(shuffled @ columns).max(axis=1)
    return float(np.sort(largest)[-int(BY_CHANCE * (SHUFFLES + 1))])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Centred ranks of columns (draws, columns), of length 1 each; zeros for a column that does not vary."""
    import pandas as pd

    ranks = pd.DataFrame(values).rank().to_numpy() - (len(values) + 1) / 2.0
    length = np.sqrt((ranks**2).sum(axis=0))
    return np.asarray(ranks / np.where(length > 0.0, length, 1.0))


def _thirds(parameter: np.ndarray, outcome: np.ndarray) -> tuple[float, float]:
    """Mean outcomes in the draws in which a parameter is in its lowest and in its highest third."""
    order = np.argsort(parameter, kind="stable")
    size = max(len(order) // THIRDS, 1)
    return float(outcome[order[:size]].mean()), float(outcome[order[-size:]].mean())

"""Posteriors as weighted draws on the unit cube, and what is read off them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.estimate.calibrate.noise import RESAMPLING, generator
from qicsim.estimate.calibrate.problem import Problem


@dataclass(frozen=True)
class Diagnostics:
    """How a posterior came about.

    Attributes:
        method: "importance" or "approximate".
        considered, accepted: runs that could be used, and runs with a weight worth keeping.
        effective_sample: (sum of weights)^2 / sum of squared weights.
        tolerance: largest distance accepted, in the units of the metric; 0 for importance.
        pareto_k: shape of the weights' upper tail (below 0.7 is sound); 0 for approximate posteriors.
        chosen: why this method, where there was a choice.
        unreached: targets that lie beyond all runs, so that no run bears the posterior there.
    """

    method: str
    considered: int
    accepted: int
    effective_sample: float
    tolerance: float = 0.0
    pareto_k: float = 0.0
    chosen: str = ""
    unreached: tuple[str, ...] = ()

    @property
    def acceptance(self) -> float:
        """Share of the usable runs that were accepted."""
        return self.accepted / self.considered if self.considered else 0.0


@dataclass(frozen=True, eq=False)
class Posterior:
    """Weighted draws: points (m, d) of the unit cube, weights (m,) with sum 1, and the bank's rows (m,) behind them.

    `adjusted` draws were moved by regression, so the runs behind them are near them, not of them.
    """

    parameters: tuple[str, ...]
    cube: np.ndarray
    weights: np.ndarray
    members: np.ndarray
    adjusted: bool
    diagnostics: Diagnostics

    def values(self, problem: Problem) -> np.ndarray:
        """Parameter values of the draws, (m, d)."""
        return problem.quantile(self.cube)

    def chosen(self, n: int, seed: int = 1) -> np.ndarray:
        """Places (n,) of `n` draws of equal weight, by systematic resampling in an order that has no meaning."""
        luck = generator(seed, RESAMPLING)
        steps = (np.arange(n) + luck.random()) / n
        order = luck.permutation(len(self.weights))
        total = np.cumsum(self.weights[order])
        places = order[np.minimum(np.searchsorted(total, steps * total[-1], side="right"), len(order) - 1)]
        return luck.permutation(places)

    def resampled(self, n: int, seed: int = 1) -> np.ndarray:
        """`n` points of the cube of equal weight, (n, d); points repeat where the effective sample is below `n`."""
        return self.cube[self.chosen(n, seed)]

    def mean(self, problem: Problem) -> np.ndarray:
        """Posterior mean of each parameter, (d,)."""
        return self.weights @ self.values(problem)

    def covariance(self, problem: Problem) -> np.ndarray:
        """Posterior covariance of the parameters, (d, d)."""
        off = self.values(problem) - self.mean(problem)
        return (off * self.weights[:, None]).T @ off

    def quantiles(self, problem: Problem, probabilities: np.ndarray) -> np.ndarray:
        """Posterior quantiles of each parameter, (probabilities, d)."""
        return weighted_quantiles(self.values(problem), self.weights, np.asarray(probabilities, dtype=float))

    def below(self, point: np.ndarray) -> np.ndarray:
        """Posterior probability below each coordinate of a point (d,) of the cube, half of ties; (d,)."""
        return self.weights @ ((self.cube < point) + 0.5 * (self.cube == point))


def weighted_quantiles(values: np.ndarray, weights: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Quantiles of the columns of `values` (m, d) under weights (m,), between midpoints of weight; (p, d)."""
    order = np.argsort(values, axis=0)
    out = np.empty((len(probabilities), values.shape[1]))
    for column in range(values.shape[1]):
        rows = order[:, column]
        held = weights[rows]
        middle = np.cumsum(held) - 0.5 * held
        out[:, column] = np.interp(probabilities, middle / held.sum(), values[rows, column])
    return out


def effective_sample(weights: np.ndarray) -> float:
    """Kish's effective sample size of weights; 0 if all are zero."""
    total = float(np.sum(weights))
    return total * total / float(np.sum(weights * weights)) if total > 0.0 else 0.0

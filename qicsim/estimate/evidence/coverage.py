"""Simulation-based calibration of the synthesis: on truths drawn from its own prior, its intervals must hold them.

A truth (pi, mu, tau) is drawn, programmes from it, and studies of these with the standard errors of the real ones. The
synthesis never sees the truth; where the truth stands in its posterior, as a share from 0 to 1, must be uniform over
truths (Cook 2006; Talts 2018). An effect of a new programme may be exactly 0, where the posterior has a mass: then the
share is drawn within that mass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.estimate.evidence.synthesis import GRID, WITH_SPIKE, Population, posterior


@dataclass(frozen=True, eq=False)
class Coverage:
    """Where truths stand in their posteriors, 0-1, (truths,) each: the mean of programmes, and a new programme."""

    mean: np.ndarray
    new: np.ndarray

    def share(self, of: str, level: float) -> float:
        """The share of truths inside the central interval of a level; of: "mean" or "new"."""
        ranks: np.ndarray = getattr(self, of)
        return float(np.mean(np.abs(ranks - 0.5) <= level / 2.0))


def coverage(error: np.ndarray, truths: int, *, seed: int = 1, prior: Population = WITH_SPIKE,
             grid: tuple[int, int] = GRID) -> Coverage:
    """Fit so many simulated tables of studies with these standard errors (studies,), in points."""
    chance = np.random.default_rng(seed)
    ranks = np.empty((truths, 2))
    for truth in range(truths):
        null = 0.0 if prior.null is None else float(prior.null.ppf(chance.random()))
        mu, tau = float(prior.mean.ppf(chance.random())), float(prior.spread.ppf(chance.random()))
        effects = np.where(chance.random(len(error) + 1) < null, 0.0, mu + tau * chance.standard_normal(len(error) + 1))
        found = posterior(effects[1:] + error * chance.standard_normal(len(error)), error, prior, grid)
        tie = chance.random() * found.null if effects[0] == 0.0 else 0.0
        ranks[truth] = found.mean_below(mu, prior.mean), float(found.below(effects[0])) + tie
    return Coverage(ranks[:, 0], ranks[:, 1])

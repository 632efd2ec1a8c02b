"""Posteriors by approximate Bayesian computation: the runs nearest to the targets, adjusted by regression.

Simulated summaries get errors of observation first (Wilkinson 2013), so that the posterior of a vanishing tolerance
is that of the stated likelihood. Runs are weighted by Epanechnikov's kernel at the tolerance that accepts a given
share. The share falls as the pool grows, (n0 / n)^(k / (k + 4)) with k targets beyond n0 = 10,000 runs: so does the
tolerance, at the rate at which chance and bias of the accepted runs shrink together (Blum 2010).
"""

from __future__ import annotations

import math

import numpy as np

from qicsim.estimate.calibrate.bank import Bank
from qicsim.estimate.calibrate.likelihood import deviations, unreached
from qicsim.estimate.calibrate.metric import Metric, noisy_summaries, spread_metric
from qicsim.estimate.calibrate.posterior import Diagnostics, Posterior, effective_sample
from qicsim.estimate.calibrate.problem import Problem
from qicsim.estimate.calibrate.regression import Adjustment, fitting, unadjusted
from qicsim.estimate.calibrate.scores import cube_of, scores_of

SHARE = 0.05
FEWEST_FOR_EACH_TARGET = 100
RUNS_OF_SHARE = 10_000


def approximate(problem: Problem, bank: Bank, *, share: float = SHARE, metric: Metric | None = None,
                adjustment: Adjustment = fitting) -> Posterior:
    """The approximate posterior from a share of the usable runs of a bank.

    Args:
        problem: states the targets.
        bank: runs to choose from.
        share: of the usable runs to accept, up to 10,000 of them, less beyond; never fewer than 100 for each target.
        metric: distances of the bank's runs; `spread_metric` of this bank by default.
        adjustment: what moves accepted draws: `fitting`, `linear`, `curved` or `unadjusted`.
    """
    distances = np.where(bank.usable, (metric or spread_metric(problem, bank))(problem.observation), np.inf)
    considered = int(bank.usable.sum())
    members, kernel, tolerance = accepted(distances, _how_many(share, considered, len(problem.targets)))
    weights = kernel * np.exp(bank.log_weights[members] - bank.log_weights[members].max())
    weights /= weights.sum()
    cube = bank.cube[members]
    if problem.targets and adjustment is not unadjusted:
        off = deviations(noisy_summaries(problem, bank.rows(members)), problem.observation)
        cube = cube_of(adjustment(scores_of(cube), off / problem.observation.spreads, weights))
    return Posterior(bank.parameters, cube, weights, members, bool(problem.targets) and adjustment is not unadjusted,
                     Diagnostics("approximate", considered, len(members), effective_sample(weights), tolerance,
                                 unreached=unreached(problem, bank)))


def accepted(distances: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Rows of the `n` nearest runs, their kernel weights, and the tolerance: the distance of the farthest."""
    tolerance = float(np.partition(distances, n - 1)[n - 1])
    within = np.flatnonzero(distances <= tolerance)
    if tolerance == 0.0:
        return within, np.ones(len(within)), tolerance
    kernel = 1.0 - (distances[within] / tolerance) ** 2
    positive = kernel > 0.0
    if not positive.any():
        return within, np.ones(len(within)), tolerance
    return within[positive], kernel[positive], tolerance


def _how_many(share: float, considered: int, targets: int) -> int:
    fallen = share * min(RUNS_OF_SHARE / max(considered, 1), 1.0) ** (targets / (targets + 4.0))
    return min(max(math.ceil(fallen * considered), FEWEST_FOR_EACH_TARGET * targets, 1), considered)


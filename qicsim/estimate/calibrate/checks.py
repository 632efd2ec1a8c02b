"""What a posterior says about its runs and its prior: posterior predictive, fresh-seed penalty, contraction."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qicsim.estimate.calibrate.bank import Bank
from qicsim.estimate.calibrate.fill import CubePoints, simulate_chunk
from qicsim.estimate.calibrate.likelihood import discrepancy
from qicsim.estimate.calibrate.noise import FIRST_FRESH_BLOCK, block_of_streams
from qicsim.estimate.calibrate.posterior import Posterior, weighted_quantiles
from qicsim.estimate.calibrate.problem import EQUAL, Problem

INTERVAL = (0.05, 0.5, 0.95)
PRIOR_POINTS = 4096
FRESH_LIMIT = 1.2


@dataclass(frozen=True)
class Predicted:
    """A target against the posterior predictive.

    Attributes:
        summary, observed: the target.
        low, middle, high: 5, 50 and 95 % of the summaries of runs, without error of observation.
        reported_low, reported_high: 5 and 95 % of what would be reported, with it.
        tail: probability of reports at or below the observed value; for a bound, of reports that meet it.
        missed: the observed value lies outside the 90 % interval of reports; a bound, less than 5 % would meet it.
    """

    summary: str
    observed: float
    low: float
    middle: float
    high: float
    reported_low: float
    reported_high: float
    tail: float
    missed: bool


@dataclass(frozen=True)
class FreshSeeds:
    """Mean mismatch (root mean square deviation in spreads) of accepted runs, and of the same draws on fresh seeds.

    `standard_error` is that of the penalty; `failed` counts fresh runs that lack a target, which no mean holds.
    """

    accepted: float
    fresh: float
    standard_error: float
    failed: int

    @property
    def penalty(self) -> float:
        """Mismatch on fresh seeds over mismatch when accepted; 1 if both are zero."""
        if self.accepted == 0.0:
            return 1.0 if self.fresh == 0.0 else float("inf")
        return self.fresh / self.accepted

    @property
    def passed(self) -> bool:
        """The penalty is at most 1.2."""
        return self.penalty <= FRESH_LIMIT


@dataclass(frozen=True)
class Contraction:
    """What was learned of a parameter: 5, 50, 95 % of prior and posterior, and the shares of prior spread removed."""

    parameter: str
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    of_variance: float
    of_interval: float


def predictive(problem: Problem, bank: Bank, posterior: Posterior) -> tuple[Predicted, ...]:
    """The posterior predictive of every target, from the runs behind the posterior's draws.

    For a posterior adjusted by regression these are the accepted runs as they were, a little wider than its own.
    """
    values, errors = bank.targeted(problem)
    values = values[posterior.members]
    reports = values + errors[posterior.members] * problem.observation.spreads
    of_runs = weighted_quantiles(values, posterior.weights, np.array(INTERVAL))
    of_reports = weighted_quantiles(reports, posterior.weights, np.array(INTERVAL))
    observation, out = problem.observation, []
    for i, target in enumerate(problem.targets):
        bound = int(observation.bounds[i])
        met = reports[:, i] <= target.value if bound == EQUAL else (reports[:, i] - target.value) * bound >= 0.0
        tail = float(posterior.weights @ met)
        missed = tail < INTERVAL[0] or (bound == EQUAL and tail > INTERVAL[2])
        low, middle, high = (float(value) for value in of_runs[:, i])
        out.append(Predicted(target.summary, target.value, low, middle, high, float(of_reports[0, i]),
                             float(of_reports[2, i]), tail, missed))
    return tuple(out)


def fresh_seed_penalty(problem: Problem, bank: Bank, posterior: Posterior, *, draws: int = 200, replicates: int = 1,
                       seed: int = 1) -> FreshSeeds:
    """Simulate posterior draws again with luck that no fit has seen.

    Args:
        problem: states simulator and targets.
        bank: the runs behind the posterior.
        posterior: gives `draws` draws of equal weight.
        draws: how many of them.
        replicates: fresh runs of each.
        seed: fixes which draws.
    """
    chosen = posterior.chosen(draws, seed)
    before = discrepancy(bank.rows(posterior.members[chosen]).targeted(problem)[0], problem.observation)
    places = [problem.summaries.index(target.summary) for target in problem.targets]
    after, failed = np.empty((replicates, draws)), 0
    for replicate in range(replicates):
        streams = block_of_streams(FIRST_FRESH_BLOCK + replicate, draws)
        summaries, _ = simulate_chunk(problem, posterior.cube[chosen], streams)
        after[replicate] = discrepancy(summaries[:, places], problem.observation)
        failed += int(np.sum(~np.isfinite(after[replicate])))
    ran = np.isfinite(after).any(axis=0)
    if not ran.any():
        return FreshSeeds(float(before.mean()), math.inf, math.inf, failed)
    again = np.nanmean(after[:, ran], axis=0)
    fresh, accepted = float(again.mean()), float(before[ran].mean())
    off = again - (fresh / accepted if accepted > 0.0 else 0.0) * before[ran]
    error = float(np.std(off) / np.sqrt(len(off)) / accepted) if accepted > 0.0 else 0.0
    return FreshSeeds(accepted, fresh, error, failed)


def contraction(problem: Problem, posterior: Posterior) -> tuple[Contraction, ...]:
    """Prior and posterior of every parameter, in its own unit."""
    prior = problem.quantile(CubePoints(len(problem.parameters), 1).next(PRIOR_POINTS))
    before = np.quantile(prior, INTERVAL, axis=0)
    after = posterior.quantiles(problem, np.array(INTERVAL))
    variance, left = prior.var(axis=0), np.diag(posterior.covariance(problem))
    return tuple(Contraction(name, _three(before[:, i]), _three(after[:, i]), _removed(left[i], variance[i]),
                             _removed(after[2, i] - after[0, i], before[2, i] - before[0, i]))
                 for i, name in enumerate(problem.parameters))


def _three(values: np.ndarray) -> tuple[float, float, float]:
    low, middle, high = (float(value) for value in values)
    return low, middle, high


def _removed(left: float, before: float) -> float:
    """Share removed; 0 where there was nothing to remove."""
    return float(1.0 - left / before) if before > 0.0 else 0.0

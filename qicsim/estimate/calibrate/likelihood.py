"""The stated likelihood of targets given the summaries of runs, and the distances that go with it.

    equal       Normal(value; summary, spread)         (without its constant: a perfect run has 0)
    at least    P(summary + e >= value) = Phi((summary - value) / spread)
    at most     P(summary + e <= value)

Targets are independent given the run: what they share is in the simulator.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from qicsim.estimate.calibrate.bank import Bank
from qicsim.estimate.calibrate.problem import AT_LEAST, AT_MOST, EQUAL, Observation, Problem


def deviations(summaries: np.ndarray, observation: Observation) -> np.ndarray:
    """Summaries (n, k) minus the observed values; zero where a summary lies beyond its bound; (n, k)."""
    off = summaries - observation.values
    beyond = off * observation.bounds > 0.0
    off[beyond] = 0.0
    return off


def discrepancy(summaries: np.ndarray, observation: Observation) -> np.ndarray:
    """Root mean square deviation of runs in spreads of the targets, (n,); zero without targets."""
    if len(observation) == 0:
        return np.zeros(len(summaries))
    return np.sqrt(np.mean((deviations(summaries, observation) / observation.spreads) ** 2, axis=1))


def log_likelihood(summaries: np.ndarray, observation: Observation) -> np.ndarray:
    """Log-likelihood of the observation for summaries (n, k) of runs, (n,)."""
    off = (summaries - observation.values) / observation.spreads
    equal = observation.bounds == EQUAL
    total = -0.5 * np.einsum("nk,nk->n", off[:, equal], off[:, equal])
    if not equal.all():
        total = total + special.log_ndtr(off[:, ~equal] * observation.bounds[~equal]).sum(axis=1)
    return total


def observed_from(noisy: np.ndarray, observation: Observation) -> Observation:
    """What would have been reported had a run been the truth, from its noisy summaries (k,).

    A bound is a question that was put in advance ("was it at least 264?"), so its value stays and the answer may turn.
    """
    equal = observation.bounds == EQUAL
    answer = np.where(noisy >= observation.values, AT_LEAST, AT_MOST)
    return Observation(np.where(equal, noisy, observation.values), observation.spreads,
                       np.where(equal, EQUAL, answer))


def unreached(problem: Problem, bank: Bank) -> tuple[str, ...]:
    """Targets that no usable run of a bank reaches: all runs lie on one side of the value, on its wrong side."""
    values, seen = bank.targeted(problem)[0][bank.usable], problem.observation
    if not len(values):
        return tuple(target.summary for target in problem.targets)
    short, beyond = values.max(axis=0) < seen.values, values.min(axis=0) > seen.values
    missed = (short & (seen.bounds != AT_MOST)) | (beyond & (seen.bounds != AT_LEAST))
    return tuple(target.summary for target, one in zip(problem.targets, missed.tolist(), strict=True) if one)

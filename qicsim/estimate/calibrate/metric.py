"""How far runs are from an observation, for approximate posteriors: a metric gives the distances of all runs of a bank.

Two metrics, both on summaries with their errors of observation added:

    robust     each summary on its own scale in the bank (median absolute deviation)
    spread     each summary in spreads of its target
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qicsim.estimate.calibrate.bank import Bank
from qicsim.estimate.calibrate.likelihood import deviations
from qicsim.estimate.calibrate.problem import Observation, Problem

Metric = Callable[[Observation], np.ndarray]
MAD_TO_SD = 1.4826


def noisy_summaries(problem: Problem, bank: Bank) -> np.ndarray:
    """Summaries of the targets with the runs' own errors of observation, (n, targets)."""
    values, errors = bank.targeted(problem)
    return values + errors * problem.observation.spreads


def robust_metric(problem: Problem, bank: Bank) -> Metric:
    """Euclidean distance with each summary in median absolute deviations of the bank."""
    noisy = noisy_summaries(problem, bank)
    return _scaled(noisy, _robust_scales(noisy[bank.usable]))


def spread_metric(problem: Problem, bank: Bank) -> Metric:
    """Euclidean distance with each summary in spreads of its target."""
    return _scaled(noisy_summaries(problem, bank), problem.observation.spreads)


def _scaled(noisy: np.ndarray, scales: np.ndarray) -> Metric:
    def distances(observation: Observation) -> np.ndarray:
        off = deviations(noisy, observation) / scales
        return np.sqrt(np.einsum("nk,nk->n", off, off))

    return distances


def _robust_scales(values: np.ndarray) -> np.ndarray:
    """Median absolute deviations as standard deviations; the standard deviation where more than half are alike."""
    middle = np.median(values, axis=0)
    scales = MAD_TO_SD * np.median(np.abs(values - middle), axis=0)
    spread = np.std(values, axis=0)
    return np.where(scales > 0.0, scales, np.where(spread > 0.0, spread, 1.0))

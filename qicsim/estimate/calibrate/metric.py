"""How far runs are from an observation, for approximate posteriors: a metric gives the distances of all runs of a bank.

Three metrics, all on summaries with their errors of observation added:

    robust     each summary on its own scale in the bank (median absolute deviation)
    spread     each summary in spreads of its target
    learned    for each parameter its expected normal score given the noisy summaries, by ridge regression on them and
               their squares (semi-automatic ABC; Fearnhead and Prangle 2012). Parameters that the summaries say nothing
               about have no weight in it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qicsim.estimate.calibrate.bank import Bank
from qicsim.estimate.calibrate.likelihood import deviations
from qicsim.estimate.calibrate.problem import EQUAL, Observation, Problem
from qicsim.estimate.calibrate.scores import scores_of

Metric = Callable[[Observation], np.ndarray]
MAD_TO_SD = 1.4826
RIDGE = 1e-3


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


def learned_metric(problem: Problem, bank: Bank) -> Metric:
    """Euclidean distance between expected scores of the parameters, learned from the bank."""
    if not problem.targets:
        return robust_metric(problem, bank)
    features = _Features(noisy_summaries(problem, bank), problem.observation, bank.usable)
    known = features.of_bank[bank.usable]
    gram = known.T @ known
    gram[np.diag_indices_from(gram)] += RIDGE * len(known)
    slopes = np.linalg.solve(gram, known.T @ scores_of(bank.cube[bank.usable]))
    axes, lengths, _ = np.linalg.svd(slopes, full_matrices=False)
    kept = lengths > 1e-6 * lengths.max()
    turn = axes[:, kept] * lengths[kept]
    learned = features.of_bank @ turn

    def distances(observation: Observation) -> np.ndarray:
        off = learned - features.of_observation(observation) @ turn
        return np.sqrt(np.einsum("nq,nq->n", off, off))

    return distances


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


class _Features:
    """Features of noisy summaries: on their robust scale and squared; of bounds, the answer (beyond or not)."""

    def __init__(self, noisy: np.ndarray, observation: Observation, usable: np.ndarray) -> None:
        """Fix centres and scales by the usable runs."""
        self._equal = observation.bounds == EQUAL
        self._bounds = observation.values[~self._equal]
        self._middle = np.median(noisy[usable], axis=0)[self._equal]
        self._scales = _robust_scales(noisy[usable])[self._equal]
        raw = self._raw(noisy[:, self._equal], np.where(noisy[:, ~self._equal] >= self._bounds, 1.0, -1.0))
        self._centre = raw[usable].mean(axis=0)
        self.of_bank = np.where(usable[:, None], raw - self._centre, 0.0)

    def of_observation(self, observation: Observation) -> np.ndarray:
        """Features of observed values and answers, (features,)."""
        raw = self._raw(observation.values[None, self._equal],
                        observation.bounds[None, ~self._equal].astype(float))
        return raw[0] - self._centre

    def _raw(self, values: np.ndarray, answers: np.ndarray) -> np.ndarray:
        # Far values are drawn in, so that squares of a few runs do not rule the regression.
        scaled = 3.0 * np.tanh((values - self._middle) / self._scales / 3.0)
        return np.concatenate([scaled, scaled**2, answers], axis=1)

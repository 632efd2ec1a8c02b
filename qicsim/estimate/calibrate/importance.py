"""Posteriors by importance weights: every run of a bank counts by its likelihood.

    w_i  ~  exp(log-likelihood of the targets given run i) * prior / proposal

Exact as the bank grows, chance within the simulator included, since each run is a draw of parameters and luck
together. The largest weights are smoothed by a generalised Pareto tail (Vehtari, Simpson, Gelman, Yao and Gabry 2024,
"Pareto smoothed importance sampling"; its shape by Zhang and Stephens 2009). A shape above 0.7 says that the bank is
too thin.
"""

from __future__ import annotations

import math

import numpy as np

from qicsim.estimate.calibrate.bank import Bank
from qicsim.estimate.calibrate.likelihood import log_likelihood, unreached
from qicsim.estimate.calibrate.posterior import Diagnostics, Posterior, effective_sample
from qicsim.estimate.calibrate.problem import Problem

SOUND_SHAPE = 0.7
NEGLIGIBLE = 1e-10
SHORTEST_TAIL = 5


def importance(problem: Problem, bank: Bank) -> Posterior:
    """The posterior by smoothed likelihood weights of all usable runs of a bank."""
    rows = np.flatnonzero(bank.usable)
    weights, shape = smoothed_weights(log_weights(problem, bank)[rows])
    kept = weights > NEGLIGIBLE * weights.max(initial=0.0)
    weights = weights[kept] / weights[kept].sum()
    members = rows[kept]
    return Posterior(bank.parameters, bank.cube[members], weights, members, False,
                     Diagnostics("importance", len(rows), len(members), effective_sample(weights), pareto_k=shape,
                                 unreached=unreached(problem, bank)))


def log_weights(problem: Problem, bank: Bank) -> np.ndarray:
    """Log of likelihood times prior over proposal of every run, (n,); -inf for runs that may not be used."""
    values, _ = bank.targeted(problem)
    logs = np.full(len(bank), -np.inf)
    usable = bank.usable
    whole = usable.all()
    chosen = values if whole else values[usable]
    logs[usable] = log_likelihood(chosen, problem.observation) + bank.log_weights[usable]
    return logs


def smoothed_weights(logs: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights (largest 1 before smoothing) from their logs, with a smoothed upper tail, and the tail's shape k."""
    weights = np.exp(logs - logs.max())
    length = tail_length(len(weights))
    if length < SHORTEST_TAIL or np.ptp(logs) == 0.0:
        return weights, 0.0
    tail = np.argpartition(weights, len(weights) - length - 1)[len(weights) - length - 1:]
    tail = tail[np.argsort(weights[tail])]
    cut, tail = weights[tail[0]], tail[1:]
    excess = weights[tail] - cut
    if excess[-1] <= 0.0 or excess[_quartile(len(excess))] <= 0.0:
        return weights, 0.0
    shape, scale = fitted_pareto(excess)
    if shape < 1.0:
        probabilities = (np.arange(1, length + 1) - 0.5) / length
        weights[tail] = np.minimum(cut + pareto_quantile(probabilities, shape, scale), 1.0)
    return weights, shape


def tail_length(runs: int) -> int:
    """How many of the largest weights the shape of the tail is read from."""
    return math.ceil(min(0.2 * runs, 3.0 * math.sqrt(runs)))


def weights_fail(known: Diagnostics) -> bool:
    """Whether importance weights say nothing: a Pareto k of 0.7 or more, or too few runs to read it from."""
    length = tail_length(known.considered)
    return known.pareto_k >= SOUND_SHAPE or known.accepted < length or length < SHORTEST_TAIL


def _quartile(n: int) -> int:
    """Place of the lower quartile among n sorted values."""
    return (n + 2) // 4 - 1


def fitted_pareto(excess: np.ndarray) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto distribution from sorted positive excesses (Zhang and Stephens 2009).

    The shape is drawn a little towards 0.5, as if ten values more had been seen there.
    """
    n = len(excess)
    grid = 30 + int(math.sqrt(n))
    candidates = 1.0 / excess[-1] + (1.0 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))) / (
        3.0 * excess[_quartile(n)])
    shapes = np.mean(np.log1p(-candidates[:, None] * excess), axis=1)
    profile = n * (np.log(-candidates / shapes) - shapes - 1.0)
    weights = np.exp(profile - profile.max())
    best = float(np.sum(candidates * weights) / np.sum(weights))
    shape = float(np.mean(np.log1p(-best * excess)))
    scale = -shape / best
    return (shape * n + 0.5 * 10.0) / (n + 10.0), scale


def pareto_quantile(probabilities: np.ndarray, shape: float, scale: float) -> np.ndarray:
    """Quantiles of the generalised Pareto distribution above zero."""
    if abs(shape) < 1e-9:  # noqa: PLR2004 the exponential limit
        return -scale * np.log1p(-probabilities)
    return scale * np.expm1(-shape * np.log1p(-probabilities)) / shape

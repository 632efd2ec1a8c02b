"""The simulation's own chance: how much of the variation it makes, and how much of it is left in indices.

A run of a point x with luck z gives g(x, z) = f(x) + h(z) + e(x, z): what factors do on average over luck, what luck
does whatever the factors are, and what the two do together. Replicates of a point have other luck, so that they tell
the variance of chance, Var(h + e), whether rows of a block share their luck or not; with one replicate it is unknown.
Rows that share their luck differ by f and e alone: h cancels, and what is left of chance in a difference is told by its
own variance between replicates.

All that indices are made of are products of two differences. The product of the differences of *different* replicates,
mean over all pairs of them, has the mean of the product of f's differences: chance drops out, without being estimated
first. With one replicate it stays in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.analysis.sampling import CubeDesign

MOST_NOISE = 0.95


@dataclass(frozen=True, eq=False)
class Noise:
    """Chance in outputs (points, replicates, ...); fields (...), NaN with one replicate.

    within      unbiased variance between replicates of a point
    of_mean     share of chance in the variance of the mean over replicates
    of_run      share of chance in the variance of a single run
    left        what is left of chance in a difference between two rows of a block, as a share of what two rows with
                luck of their own would have: 1 without sharing, near 0 where luck does the same to both
    """

    within: np.ndarray
    of_mean: np.ndarray
    of_run: np.ndarray
    left: np.ndarray


def noise_of(design: CubeDesign, outputs: np.ndarray) -> Noise:
    """The chance in outputs (points, replicates, ...)."""
    replicates, spread = outputs.shape[1], signal(design, outputs)
    if replicates == 1:
        unknown = np.full(spread.shape, np.nan)
        return Noise(unknown, unknown, unknown, unknown)
    within = outputs.var(axis=1, ddof=1).mean(axis=0)
    explained = np.maximum(spread, 0.0)
    rows = outputs.reshape(design.n, design.block, *outputs.shape[1:])
    left = (rows[:, 1:] - rows[:, :-1]).var(axis=2, ddof=1).mean(axis=(0, 1)) / 2.0 if design.block > 1 else within
    return Noise(within, _share(within / replicates, explained + within / replicates),
                 _share(within, explained + within), _share(left, within))


def signal(design: CubeDesign, outputs: np.ndarray) -> np.ndarray:
    """The variance of f (...), unbiased with two replicates or more; can come out negative."""
    rows = outputs.reshape(design.n, design.block, *outputs.shape[1:])
    if design.method in ("sobol", "shapley"):
        return half_square(rows[:, 0] - rows[:, -1]).mean(axis=0)
    spread = outputs.mean(axis=1).var(axis=0, ddof=1)
    return spread - (outputs.var(axis=1, ddof=1).mean(axis=0) / outputs.shape[1] if outputs.shape[1] > 1 else 0.0)


def across(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Products of values (n, replicates, ...) of different replicates, mean over pairs (n, ...); plain if only one."""
    replicates = one.shape[1]
    if replicates == 1:
        return np.asarray(one[:, 0] * other[:, 0])
    same = (one * other).sum(axis=1)
    return np.asarray((one.sum(axis=1) * other.sum(axis=1) - same) / (replicates * (replicates - 1)))


def half_square(difference: np.ndarray) -> np.ndarray:
    """Half the square of differences (n, replicates, ...), without chance; (n, ...)."""
    return 0.5 * across(difference, difference)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0.0)

"""What the simulation's own noise does to sensitivity indices, and how it is taken off.

Indices are those of the mean of R replicates of each point, f(x) + noise of variance n = within / R, where every point
has luck of its own. The noise is no factor of the design, so it dilutes every index, and turns up as if each factor
took part in it wherever two points are compared. With V the variance of f and q = n / (V + n), what is estimated is

    first, second    (1 - q) S               total    (1 - q) S_T + q          Shapley share    (1 - q) s + q / k
    sigma of Morris  sqrt(sigma^2 + 2 n / step^2)      mu_star of a factor without effect     2 sqrt(n / pi) / step

The first three are solved for S, the next for sigma; half-widths grow with them (q itself is known far better than the
indices: from points x (R - 1) degrees of freedom). mu_star, PAWN and delta have no such solution: they come with a
floor, what a factor without any effect would show. With one replicate the noise is unknown, and nothing is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.analysis.estimators import Estimate
from qicsim.analysis.sampling import CubeDesign

MOST_NOISE = 0.95


@dataclass(frozen=True, eq=False)
class Noise:
    """The noise of outputs (points, replicates, ...); fields (...), NaN with one replicate.

    within   unbiased variance between replicates of a point
    of_mean  q: share of noise in the variance of the replicates' mean
    of_run   share of noise in the variance of a single run
    """

    within: np.ndarray
    of_mean: np.ndarray
    of_run: np.ndarray


def noise_of(design: CubeDesign, outputs: np.ndarray) -> Noise:
    """The noise of outputs (points, replicates, ...)."""
    replicates = outputs.shape[1]
    spread = spread_of(design, outputs.mean(axis=1))
    if replicates == 1:
        unknown = np.full(spread.shape, np.nan)
        return Noise(unknown, unknown, unknown)
    within = outputs.var(axis=1, ddof=1).mean(axis=0)
    left = within / replicates
    run = np.maximum(spread - left, 0.0) + within
    return Noise(within, _share(left, spread), _share(within, run))


def spread_of(design: CubeDesign, means: np.ndarray) -> np.ndarray:
    """Variance between points of means (points, ...): in a Sobol design between A and B alone, as in its indices."""
    if design.method != "sobol":
        return means.var(axis=0)
    rows = means.reshape(design.n, design.block, *means.shape[1:])
    return np.concatenate([rows[:, 0], rows[:, -1]]).var(axis=0)


def without_noise(found: Estimate, design: CubeDesign, within_mean: float, q: float) -> Estimate:
    """An estimate with the noise taken off; as it is where the noise is unknown, NaN where there is hardly any signal.

    `within_mean` is the variance n of the noise of the replicates' mean, `q` its share.
    """
    if np.isnan(q) or found.index not in ("first", "first_jansen", "second", "total", "shapley", "sigma"):
        return found
    if found.index == "sigma":
        step = morris_step(design)
        signal = np.sqrt(np.maximum(found.value**2 - 2.0 * within_mean / step**2, 0.0))
        return Estimate(found.index, signal, found.half_width)
    if q > MOST_NOISE:
        nothing = np.full(found.value.shape, np.nan)
        return Estimate(found.index, nothing, nothing)
    added = {"total": q, "shapley": q / len(design.factors)}.get(found.index, 0.0)
    return Estimate(found.index, (found.value - added) / (1.0 - q), found.half_width / (1.0 - q))


def floor_of(index: str, design: CubeDesign, within_mean: float) -> float:
    """What noise alone makes of an index of Morris for a factor without effect; NaN for other indices."""
    if index != "mu_star":
        return float("nan")
    return float(2.0 * np.sqrt(within_mean / np.pi) / morris_step(design))


def morris_step(design: CubeDesign) -> float:
    """Length of a step of a Morris design, in units of its grid."""
    return design.levels / (2.0 * (design.levels - 1.0))


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0.0)

"""Indices of one output by SALib, with what SALib does not say: intervals where it has none, no trace left behind.

    sobol     first (Saltelli et al. 2010) and first_jansen, total (Jansen 1999), second (Saltelli 2002)
    morris    mu_star, mu, sigma (Morris 1991; Campolongo, Cariboni and Saltelli 2007), per unit of the grid
    shapley   Shapley effects as shares (Goda 2021)
    pawn      median Kolmogorov-Smirnov distance over ten slices (Pianosi and Wagener 2018)
    delta     Borgonovo's delta from given data (Plischke, Borgonovo and Smith 2013)

Half-widths are of intervals of a stated level: SALib's bootstrap over blocks for first, total, second, mu_star and
delta; its normal approximation for Shapley effects; normal approximations here for mu and sigma; a bootstrap here for
first_jansen and PAWN. SALib's own analysis by Jansen (`sobol_jansen`) is not used: its interval adds up over resamples
instead of points, so that it widens with their number; its estimate of the total index is the one of `sobol`.

Some analyses of SALib seed numpy's global generator and change how warnings are shown: both are put back.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from scipy import special

from qicsim.analysis.sampling import CubeDesign, problem

PAWN_SLICES = 10


@dataclass(frozen=True, eq=False)
class Options:
    """How indices are estimated: resamples of the bootstrap, level of intervals, seed (1 or more)."""

    resamples: int = 100
    level: float = 0.95
    seed: int = 1

    @property
    def z(self) -> float:
        """Standard deviations of a half-width."""
        return float(special.ndtri(0.5 + 0.5 * self.level))


@dataclass(frozen=True, eq=False)
class Estimate:
    """An index of every factor (k,), or pair of factors (k, k), and the half-width of its interval."""

    index: str
    value: np.ndarray
    half_width: np.ndarray


Estimator = Callable[[CubeDesign, np.ndarray, Options], tuple[Estimate, ...]]


def sobol_indices(design: CubeDesign, y: np.ndarray, options: Options) -> tuple[Estimate, ...]:
    """First and total order, and second order if the design has it."""
    from SALib.analyze import sobol

    with undisturbed():
        found = sobol.analyze(problem(len(design.factors)), y, calc_second_order=design.second_order,
                              num_resamples=options.resamples, conf_level=options.level, seed=options.seed)
    told = [Estimate("first", found["S1"], found["S1_conf"]), jansen_first(design, y, options),
            Estimate("total", found["ST"], found["ST_conf"])]
    return (*told, Estimate("second", found["S2"], found["S2_conf"])) if design.second_order else tuple(told)


def jansen_first(design: CubeDesign, y: np.ndarray, options: Options) -> Estimate:
    """First order after Jansen: 1 - mean of (f(B) - f(A with B's column))^2 / (2 V)."""
    k = len(design.factors)
    rows = y.reshape(design.n, design.block)
    a, swapped, b = rows[:, 0], rows[:, 1:k + 1], rows[:, -1]

    def index(chosen: np.ndarray) -> np.ndarray:
        spread = np.var(np.concatenate([a[chosen], b[chosen]]))
        half = 0.5 * np.mean((b[chosen, None] - swapped[chosen]) ** 2, axis=0)
        return 1.0 - half / spread if spread > 0.0 else np.zeros(k)

    return Estimate("first_jansen", index(np.arange(design.n)), _bootstrap(index, design.n, options))


def morris_indices(design: CubeDesign, y: np.ndarray, options: Options) -> tuple[Estimate, ...]:
    """Elementary effects per unit of the grid."""
    from SALib.analyze import morris

    grid = (design.points * design.levels - 0.5) / (design.levels - 1)
    with undisturbed():
        found = morris.analyze(problem(len(design.factors)), grid, y, num_resamples=options.resamples,
                               conf_level=options.level, num_levels=design.levels, seed=options.seed)
    sigma = np.asarray(found["sigma"], dtype=float)
    return (Estimate("mu_star", np.asarray(found["mu_star"], dtype=float), np.asarray(found["mu_star_conf"])),
            Estimate("mu", np.asarray(found["mu"], dtype=float), options.z * sigma / np.sqrt(design.n)),
            Estimate("sigma", sigma, options.z * sigma / np.sqrt(2.0 * max(design.n - 1, 1))))


def shapley_indices(design: CubeDesign, y: np.ndarray, options: Options) -> tuple[Estimate, ...]:
    """Shapley effects as shares of the variance; they add up to 1."""
    from SALib.analyze import shapley

    with undisturbed():
        found = shapley.analyze(problem(len(design.factors)), design.points, y, conf_level=options.level)
    return (Estimate("shapley", found["shapley_normalized"], found["shapley_normalized_conf"]),)


def pawn_index(design: CubeDesign, y: np.ndarray, options: Options) -> tuple[Estimate, ...]:
    """Median PAWN index."""
    from SALib.analyze import pawn

    def index(chosen: np.ndarray) -> np.ndarray:
        with undisturbed():
            found = pawn.analyze(problem(design.points.shape[1]), design.points[chosen], y[chosen], S=PAWN_SLICES,
                                 seed=options.seed)
        return np.asarray(found["median"])

    return (Estimate("pawn", index(np.arange(len(y))), _bootstrap(index, len(y), options)),)


def delta_index(design: CubeDesign, y: np.ndarray, options: Options) -> tuple[Estimate, ...]:
    """Borgonovo's delta, with the bias of small samples taken off by the bootstrap (slow: seconds a factor)."""
    from SALib.analyze import delta

    with undisturbed():
        found = delta.analyze(problem(design.points.shape[1]), design.points, y, num_resamples=options.resamples,
                              conf_level=options.level, seed=options.seed, method="delta")
    return (Estimate("delta", found["delta_raw"], found["delta_raw_conf"]),)


ESTIMATORS: dict[str, dict[str, Estimator]] = {
    "sobol": {"sobol": sobol_indices}, "morris": {"morris": morris_indices}, "shapley": {"shapley": shapley_indices},
    "sequence": {"pawn": pawn_index, "delta": delta_index}}


@contextmanager
def undisturbed() -> Iterator[None]:
    """Leave numpy's global generator and the way warnings are shown as they were; SALib's own warnings go nowhere."""
    state, shown = np.random.get_state(), warnings.formatwarning  # noqa: NPY002 it is what SALib seeds
    try:
        with warnings.catch_warnings(record=True):
            yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
        warnings.formatwarning = shown


def _bootstrap(index: Callable[[np.ndarray], np.ndarray], size: int, options: Options) -> np.ndarray:
    """Half-widths from indices of blocks drawn again with replacement."""
    luck = np.random.default_rng(options.seed)
    again = np.stack([index(luck.integers(size, size=size)) for _ in range(options.resamples)])
    return options.z * again.std(axis=0, ddof=1)

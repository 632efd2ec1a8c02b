"""One output at one time: its indices from the whole design and from its first half, and the floor of noise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qicsim.analysis.estimators import ESTIMATORS, Estimate, Options
from qicsim.analysis.noise import floor_of, noise_of, without_noise
from qicsim.analysis.sampling import CubeDesign

FIRST_TOTAL = ("first", "first_jansen", "total")
INDICES = {"sobol": FIRST_TOTAL, "morris": ("mu_star", "mu", "sigma"), "shapley": ("shapley",), "pawn": ("pawn",),
           "delta": ("delta",)}
# Differences below this share of the output's size are rounding.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Series:
    """Estimates from the whole design and from its first half; floors, one for each; whether there is any variation."""

    varies: bool
    found: tuple[Estimate, ...]
    earlier: tuple[Estimate, ...]
    floors: tuple[float, ...]


def index_names(design: CubeDesign, method: str) -> tuple[str, ...]:
    """Names of the indices that a method gives of a design."""
    return (*INDICES[method], "second") if design.second_order else INDICES[method]


def analysed(design: CubeDesign, values: np.ndarray, method: str, options: Options) -> Series:
    """The indices of finite values (points, replicates)."""
    means = values.mean(axis=1)
    if np.ptp(means) <= ROUNDING * np.max(np.abs(means)):
        return _nothing(design, method)
    found, floors = _estimates(design, values, method, options)
    half = design.first(design.n // 2)
    earlier, _ = _estimates(half, values[:len(half.points)], method, options)
    return Series(True, found, earlier, floors)


def _estimates(design: CubeDesign, values: np.ndarray, method: str, options: Options
               ) -> tuple[tuple[Estimate, ...], tuple[float, ...]]:
    """Estimates without noise, and their floors."""
    means = values.mean(axis=1)
    if np.ptp(means) == 0.0:
        nothing = _nothing(design, method)
        return nothing.found, nothing.floors
    estimator = ESTIMATORS[design.method][method]
    if design.method == "sequence":
        return _beside_nothing(estimator(_with_nothing(design), means, options))
    noise = noise_of(design, values)
    left, q = float(noise.within) / values.shape[1], float(noise.of_mean)
    found = tuple(without_noise(one, design, left, q) for one in estimator(design, means, options))
    return found, tuple(floor_of(one.index, design, left) for one in found)


def _with_nothing(design: CubeDesign) -> CubeDesign:
    """The design with a column that has nothing to do with the output: what it shows is the floor of an index."""
    column = np.random.default_rng(design.seed).random((len(design.points), 1))
    return replace(design, factors=(*design.factors, "nothing"), points=np.hstack([design.points, column]))


def _beside_nothing(found: tuple[Estimate, ...]) -> tuple[tuple[Estimate, ...], tuple[float, ...]]:
    kept = tuple(Estimate(one.index, one.value[:-1], one.half_width[:-1]) for one in found)
    return kept, tuple(float(one.value[-1]) for one in found)


def _nothing(design: CubeDesign, method: str) -> Series:
    """No indices: the output does not vary."""
    k = len(design.factors)
    found = tuple(Estimate(name, *(np.full((k, k) if name == "second" else k, np.nan) for _ in range(2)))
                  for name in index_names(design, method))
    return Series(False, found, found, (float("nan"),) * len(found))

"""Shapley values over mechanisms: what each contributes, mean over every order in which they could be switched on.

    phi_i = sum over sets S without i of |S|! (m - |S| - 1)! / m! * (v(S with i) - v(S))

v(S) is the output of one run with the mechanisms of S on and the others off, under the same draw and luck (Shapley
1953, "A value for n-person games"). All 2^m sets are run, so the values are exact for a run, and add up to the
difference between everything on and everything off. Unlike the ledger, which books a point where it arose, they credit
a mechanism with what it makes others do: a peer copies what coaching has built.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qicsim.analysis.contrasts import Contrast, contrast_of
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.intervals import LEVEL


@dataclass(frozen=True, eq=False)
class ShapleyValues:
    """The values of mechanisms, each a contrast over draws and replicates, and of all together.

    per_run  (mechanisms, draws, replicates, ...): they add up to `total_per_run`, everything on minus everything off
    """

    mechanisms: tuple[str, ...]
    values: tuple[Contrast, ...]
    total: Contrast
    per_run: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        """Means as shares of the mean total, (mechanisms, ...); they add up to 1, and can be negative or above 1."""
        means = np.stack([one.mean for one in self.values])
        return np.divide(means, self.total.mean, out=np.full(means.shape, np.nan), where=self.total.mean != 0.0)


def shapley(values: np.ndarray, mechanisms: Sequence[str], *, level: float = LEVEL) -> ShapleyValues:
    """Shapley values from values (2^m, draws, replicates, ...); bit i of a place says that mechanism i is on.

    A run that has no value (NaN) in one set has none at all. SettingError when the number of sets does not fit.
    """
    values, m = np.asarray(values, dtype=float), len(mechanisms)
    if m < 1 or values.ndim < 3 or len(values) != 2**m:  # noqa: PLR2004 sets, draws, replicates
        raise SettingError("", [Fault("values", f"have the shape {values.shape} for {m} mechanisms",
                                      f"({2**m}, draws, replicates, ...)")])
    per_run = np.stack([_value(values, i, m) for i in range(m)])
    total = values[-1] - values[0]
    return ShapleyValues(tuple(mechanisms), tuple(contrast_of(one, level=level) for one in per_run),
                         contrast_of(np.where(np.isnan(per_run[0]), np.nan, total), level=level), per_run)


def order_weights(m: int) -> np.ndarray:
    """Share of the orders of m mechanisms in which a mechanism comes after a given set of others, by its size (m,)."""
    return np.array([math.factorial(size) * math.factorial(m - size - 1) / math.factorial(m) for size in range(m)])


def _value(values: np.ndarray, i: int, m: int) -> np.ndarray:
    """The value of mechanism i in every run: a mean of gains, so that what gains nothing is worth exactly nothing."""
    without = np.array([place for place in range(2**m) if not place >> i & 1])
    sizes = [int(place).bit_count() for place in without]
    return np.tensordot(order_weights(m)[sizes], values[without | 1 << i] - values[without], axes=1)
